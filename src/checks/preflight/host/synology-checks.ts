import { fine, hostCheck, unseen, wrong, type HostCheck, type Seen, type Verdict } from './host-check.ts';
import { isAtLeast } from './version.ts';
import { HOME } from './what-is-asked.ts';

const HOME_ON = 'DSM: Control Panel > User & Group > Advanced > User Home > Enable user home service';

const version = synologyCheck(
  {
    id: 'preflight.dsm',
    title: 'DSM is of a version that is known',
    severity: 'medium',
    tries: 'reading /etc.defaults/VERSION',
    sabotage: 'DSM 6',
  },
  (_seen, { version: number, build }) => {
    const isOk = isAtLeast(number, [7, 0]);
    if (isOk === undefined) return unseen(`DSM says ${JSON.stringify(number)}`, 'look at it: DSM: Control Panel > Info Center');
    if (!isOk)
      return wrong(
        `DSM ${number}-${build}, and 7.0 is the oldest whose docker is new enough`,
        'update it: DSM: Control Panel > Update & Restore',
      );
    return isAtLeast(number, [8]) === true
      ? unseen(`DSM ${number}-${build} is newer than any that lobsterpot knows`, 'go on, and prove it: lobsterpot verify')
      : fine(`DSM ${number}-${build}`);
  },
);

const home = synologyCheck(
  {
    id: 'preflight.dsm-home',
    title: 'the user has a home folder',
    severity: 'medium',
    tries: 'looking at the home folder that the login has',
    sabotage: 'the home service is off',
  },
  ({ facts, look }) => {
    const seen = look.paths.get(HOME);
    if (facts.home === undefined || facts.home === '/' || seen?.state === 'absent') {
      return wrong(
        `${facts.user} has no home folder${facts.home === undefined ? '' : ` (${facts.home})`}: ssh finds no key there`,
        HOME_ON,
      );
    }
    if (seen === undefined || seen.state === 'hidden') return unseen(`${facts.home} cannot be looked at`, HOME_ON);
    return (seen.mode & 0o022) === 0
      ? fine(facts.home)
      : wrong(
          `${facts.home} can be written by others (mode ${seen.mode.toString(8)}): sshd refuses keys in it`,
          `over ssh: chmod 755 ${facts.home}`,
        );
  },
);

const admin = synologyCheck(
  {
    id: 'preflight.dsm-administrator',
    title: 'the user may log in by ssh and use sudo',
    severity: 'medium',
    tries: 'looking for the group administrators, or for a docker that can be used without it',
    sabotage: 'the user is no administrator',
  },
  ({ facts, look }) => {
    if (look.groups.includes('administrators')) return fine(`${facts.user} is an administrator`);
    if (facts.docker?.kind === 'ready') return fine(`${facts.user} is no administrator, and docker works all the same`);
    return wrong(
      `${facts.user} is in no group administrators`,
      'DSM: Control Panel > User & Group > the user > Edit > User Groups: administrators',
    );
  },
);

const volume = synologyCheck(
  {
    id: 'preflight.dsm-volume',
    title: "the deployment's folder lies on a volume",
    severity: 'high',
    tries: 'reading what the folder is mounted on',
    sabotage: "the folder lies on DSM's own disk",
  },
  ({ asked, look }) => {
    const disk = look.paths.get(asked.root)?.disk;
    if (!disk) return unseen(`the disk of ${asked.root} was not told`, `look there: df ${asked.root}`);
    return /^\/volume(USB)?\d/.test(disk.mountedAt)
      ? fine(disk.mountedAt)
      : wrong(
          `${asked.root} lies on ${disk.mountedAt}, DSM's own small disk, which an update empties`,
          'set dir of that host in lobsterpot.yaml to a folder such as /volume1/docker/openclaw',
        );
  },
);

/** What only a Synology is asked. */
export const SYNOLOGY_CHECKS: readonly HostCheck[] = [version, home, admin, volume];

function synologyCheck(
  info: Parameters<typeof hostCheck>[0],
  judge: (seen: Seen, dsm: { readonly version: string; readonly build: string }) => Verdict | undefined,
): HostCheck {
  return hostCheck(info, (seen) => (seen.facts.dsm ? judge(seen, seen.facts.dsm) : undefined));
}
