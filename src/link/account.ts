import { plainText } from '../core/plain-text.ts';
import { Problem } from '../core/problem.ts';
import type { FileState, Host, Owner } from '../hosts/host.ts';

/** An account of a host, as that host knows it. */
export type Account = { readonly user: string; readonly owner: Owner; readonly home: string };

/** What a shell takes as a name after `~`, and what no program takes as an option. */
const USER = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;
const LIMIT_MS = 15_000;
const WRITABLE_BY_OTHERS = 0o022;
const EXIT_NO_ACCOUNT = 3;
const EXIT_NO_HOME = 4;

// `~name` is what sshd's own %h is too, on Linux, macOS and DSM alike; the name was checked, so eval sees no other text.
const FIND = `uid=$(id -u "$1" 2>/dev/null) && gid=$(id -g "$1") || exit ${EXIT_NO_ACCOUNT}
eval "home=~$1"
cd "$home" || exit ${EXIT_NO_HOME}
printf '%s\\n%s\\n' "$uid" "$gid"
pwd -P`;

/** The account on that host; undefined when it has none of that name. */
export async function findAccount(host: Host, user: string): Promise<Account | undefined> {
  if (!USER.test(user)) {
    throw new Problem('link/account', `the account of the link to host ${host.name} cannot be used`, {
      cause: `${JSON.stringify(plainText(user, 80))} is not the name of a local account`,
      fix: 'name an account with letters, digits, ".", "_" and "-" as the user of the link in lobsterpot.yaml',
    });
  }
  const { code, stdout, stderr } = await host.run(['/bin/sh', '-c', FIND, 'sh', user], { timeoutMs: LIMIT_MS });
  if (code === EXIT_NO_ACCOUNT) return undefined;
  const [uid = '', gid = '', home = ''] = stdout.split('\n');
  if (code !== 0 || !/^\d+$/.test(uid) || !/^\d+$/.test(gid) || !home.startsWith('/')) {
    throw new Problem('link/home', `the home folder of ${user} on host ${host.name} cannot be entered`, {
      cause: plainText(stderr.trim(), 300) || 'the host did not tell where it is',
      fix: 'turn the home folder on (Synology: Control Panel, User & Group, Advanced, Enable user home service), then run: lobsterpot up',
    });
  }
  return { user, owner: { uid: Number(uid), gid: Number(gid) }, home };
}

/** What stands where a link's key goes. */
export type KeyPlace = { readonly home: FileState; readonly folder: FileState; readonly file: FileState };

/**
 * Why no key may be put there: what sshd itself would refuse without a word to the client, and what would write into another's file.
 * Pure; `self` is the uid that lobsterpot has on the host.
 */
export function placeFault(account: Account, place: KeyPlace, self: number): Problem | undefined {
  const { user, owner, home } = account;
  const folder = `${home}/.ssh`;
  const refuse = (what: string, cause: string, fix: string): Problem =>
    new Problem('link/place', what, { cause, fix: `${fix} , then run: lobsterpot up` });
  if (place.home.kind !== 'directory') return refuse(`${home} is not a home folder`, 'it is not a folder', `ls -ld ${home}`);
  const sshRefuses = `sshd would refuse every key of ${user}`;
  if (place.home.owner.uid !== owner.uid && place.home.owner.uid !== 0)
    return refuse(sshRefuses, `${home} belongs to uid ${place.home.owner.uid}`, `give it back: sudo chown ${user} ${home}`);
  if ((place.home.mode & WRITABLE_BY_OTHERS) !== 0)
    return refuse(sshRefuses, `${home} can be written by others (mode ${place.home.mode.toString(8)})`, `chmod go-w ${home}`);
  for (const [path, state, kind] of [
    [folder, place.folder, 'directory'],
    [`${folder}/authorized_keys`, place.file, 'file'],
  ] as const) {
    if (state.kind === 'absent') continue;
    if (state.kind !== kind)
      return refuse(
        `refused to write ${path}`,
        `it is a link or not a ${kind === 'file' ? 'plain file' : 'folder'}`,
        `look at it: ls -ld ${path}`,
      );
    if (state.owner.uid !== owner.uid)
      return refuse(`refused to write ${path}`, `it belongs to uid ${state.owner.uid}, not to ${user}`, `look at it: ls -ld ${path}`);
  }
  if (self !== 0 && self !== owner.uid)
    return refuse(
      `no right to write the keys of ${user}`,
      `the account used there is another one (uid ${self})`,
      `set connect of that host to ssh://${user}@..., or user of the link to the account that connect names`,
    );
  return undefined;
}
