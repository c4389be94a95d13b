import { fine, gap, hostCheck, unseen, wrong, type HostCheck, type Seen, type Verdict } from './host-check.ts';
import { isAtLeast } from './version.ts';

/** What Docker Desktop shows to containers unless it is told otherwise. */
const SHARED = ['/Users/', '/Volumes/', '/private/', '/tmp/', '/var/folders/'];

const version = macCheck(
  {
    id: 'preflight.macos',
    title: 'macOS is of a version that is known',
    severity: 'medium',
    tries: 'reading sw_vers',
    sabotage: 'macOS 11',
  },
  ({ facts: { macos } }) => {
    const number = macos?.version ?? '';
    const isOk = isAtLeast(number, [13]);
    if (isOk === undefined) return unseen(`macOS says ${JSON.stringify(number)}`, 'look at it: sw_vers');
    return isOk
      ? fine(`macOS ${number}`)
      : wrong(
          `macOS ${number}, and 13 is the oldest that engines for containers still support`,
          'System Settings > General > Software Update',
        );
  },
);

const sleeps = macCheck(
  {
    id: 'preflight.mac-sleep',
    title: 'the Mac does not go to sleep',
    severity: 'medium',
    tries: 'reading sleep of pmset',
    sabotage: 'a Mac that sleeps',
  },
  ({ look: { power } }) => {
    const fix = 'sudo pmset -a sleep 0 , or System Settings > Energy > Prevent automatic sleeping when the display is off';
    if (power?.sleep === undefined) return unseen('its power settings could not be read', `look there: pmset -g ; ${fix}`);
    return power.sleep === 0
      ? fine('never')
      : wrong(`it sleeps after ${power.sleep} min: gateway and tunnels are away until somebody wakes it`, fix);
  },
);

const restarts = macCheck(
  {
    id: 'preflight.mac-restart',
    title: 'the Mac starts by itself after a power cut',
    severity: 'low',
    tries: 'reading autorestart of pmset',
    sabotage: 'a Mac that stays off after a power cut',
  },
  ({ look: { power } }) => {
    const fix = 'sudo pmset -a autorestart 1 , or System Settings > Energy > Start up automatically after a power failure';
    // Laptops have no such setting.
    if (power?.autoRestart === undefined) return unseen('pmset tells no autorestart', `look there: pmset -g ; ${fix}`);
    return power.autoRestart ? fine('it does') : wrong('it stays off until somebody presses the button', fix);
  },
);

const login = macCheck(
  {
    id: 'preflight.mac-login',
    title: 'somebody is logged in by itself, for the engine starts with the login',
    severity: 'low',
    tries: 'reading FileVault and the automatic login',
    sabotage: 'FileVault keeps the login waiting',
  },
  ({ look: { fileVault, autoLogin } }) => {
    const where =
      'System Settings > Users & Groups > Automatically log in as; it cannot be had together with FileVault (Privacy & Security)';
    if (fileVault === true)
      return gap(
        'FileVault is on: after a start nothing runs until somebody logs in',
        `log in after each start, or give up FileVault for it: ${where}`,
      );
    if (autoLogin !== undefined) return fine(`${autoLogin} is logged in by itself`);
    return fileVault === undefined
      ? unseen('neither FileVault nor the automatic login could be read', `look at it: fdesetup status ; ${where}`)
      : gap('nobody is logged in by itself: after a start nothing runs until somebody logs in', where);
  },
);

const sharing = macCheck(
  {
    id: 'preflight.mac-sharing',
    title: "the engine's virtual machine sees the deployment's folder",
    severity: 'high',
    tries: 'comparing the folder with what Docker Desktop, OrbStack and Colima show to containers',
    sabotage: 'a folder that Docker Desktop does not show',
  },
  ({ asked, facts, look }) => {
    const { docker } = facts;
    if (asked.kind !== 'docker' || docker?.kind !== 'ready') return undefined;
    const engine = docker.info.OperatingSystem;
    const folders = [
      look.paths.get(asked.root)?.at ?? asked.root,
      ...asked.services.flatMap((one) => (one.volumes ?? []).map(({ path }) => path)),
    ];
    const outside = (shown: readonly string[]): readonly string[] =>
      folders.filter((one) => !shown.some((from) => `${one}/`.startsWith(from)));
    if (/orbstack/i.test(engine)) return fine('OrbStack shows every folder of the Mac');
    const isDesktop = /docker desktop/i.test(engine);
    const left = outside(isDesktop ? SHARED : [`${facts.home ?? '/Users'}/`]);
    if (left.length === 0) return fine(`${isDesktop ? 'Docker Desktop' : engine || 'the engine'} shows ${folders.join(', ')}`);
    return unseen(
      `whether ${engine || 'the engine'} shows ${left.join(', ')} to containers cannot be seen`,
      isDesktop
        ? 'look at it: Docker Desktop > Settings > Resources > File sharing: the folder must be in the list'
        : 'look at the mounts of the virtual machine (Colima: colima start --edit, mounts), or set dir to a folder below your home',
    );
  },
);

/** What only a Mac is asked. */
export const MAC_CHECKS: readonly HostCheck[] = [version, sleeps, restarts, login, sharing];

function macCheck(info: Parameters<typeof hostCheck>[0], judge: (seen: Seen) => Verdict | undefined): HostCheck {
  return hostCheck(info, (seen) => (seen.facts.platform === 'darwin' ? judge(seen) : undefined));
}
