import { Problem } from '../core/problem.ts';
import type { Host } from '../hosts/host.ts';
import type { AccountKeys } from '../hosts/keys-look.ts';
import { findAccount, placeFault, type Account, type KeyPlace } from './account.ts';
import { editAuthorizedKeys, type KeysEdit } from './authorized-keys.ts';

/** Whose keys: the account of the gateway's host, and the deployment whose lines are meant. */
export type LinkAccount = { readonly user: string; readonly deployment: string };

/** `changed` also when only a mode was set right. */
export type Authorized = Omit<KeysEdit, 'text'> & { readonly changed: boolean };

const NOTHING: Authorized = { changed: false, written: [], removed: [], weaker: [] };
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const ATTEMPTS = 3;

/** What `authorizeLink` would do, without doing it: nothing when all is as it should be. */
export async function inspectLink(host: Host, account: LinkAccount, lines: readonly string[]): Promise<Authorized> {
  const found = await findAccount(host, account.user);
  return judgeKeys(found ? { kind: 'there', ...found, ...(await readKeys(host, found)) } : { kind: 'absent' }, account, lines);
}

/** The same of an account that the host told of already. Pure. */
export function judgeKeys(told: AccountKeys, { user, deployment }: LinkAccount, lines: readonly string[]): Authorized {
  if (told.kind === 'absent') return { ...NOTHING, changed: lines.length > 0 };
  return planFor({ user, ...told }, told, deployment, lines).outcome;
}

/**
 * Makes these the lines of the deployment in the account's ~/.ssh/authorized_keys on that host, in one step, 0600 in a folder 0700,
 * both the account's own. A Problem when sshd would not read them there, or when a link or somebody else's file is in the way.
 */
export async function authorizeLink(host: Host, account: LinkAccount, lines: readonly string[]): Promise<Authorized> {
  const found = await findAccount(host, account.user);
  if (!found) {
    throw new Problem('link/no-account', `host ${host.name} has no account ${account.user}`, {
      cause: 'the link of a node needs an account there that takes its key',
      fix: 'make that account, or name another as the user of the link in lobsterpot.yaml, then run: lobsterpot up',
    });
  }
  return write(host, found, account.deployment, lines);
}

/** Takes every line of the deployment out again; nothing to do where the account or the file is gone. */
export async function withdrawLink(host: Host, account: LinkAccount): Promise<Authorized> {
  const found = await findAccount(host, account.user);
  return found ? write(host, found, account.deployment, []) : NOTHING;
}

async function write(host: Host, account: Account, deployment: string, lines: readonly string[]): Promise<Authorized> {
  const path = keysFile(account);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { place, text: before } = await readKeys(host, account);
    const { outcome, text } = planFor(account, { place, text: before }, deployment, lines);
    if (!outcome.changed) return outcome;
    const fault = placeFault(account, place, (await host.facts()).uid);
    if (fault) throw fault;
    await host.makeFolder(keysFolder(account), { mode: FOLDER_MODE, owner: account.owner });
    const [now] = await host.stat([path]);
    // Somebody else edits the same file just now: begin again with what is there.
    if (!now || contentOf(now) !== contentOf(place.file)) continue;
    await host.write(path, Buffer.from(text, 'latin1'), { mode: FILE_MODE, owner: account.owner });
    return outcome;
  }
  throw new Problem('link/busy', `${path} on host ${host.name} keeps changing`, {
    cause: 'another program writes it at the same time',
    fix: 'let that end, then run: lobsterpot up',
  });
}

type Keys = Pick<Extract<AccountKeys, { kind: 'there' }>, 'place' | 'text'>;

async function readKeys(host: Host, account: Account): Promise<Keys> {
  const path = keysFile(account);
  const [home, folder, file] = await host.stat([account.home, keysFolder(account), path]);
  if (!home || !folder || !file) throw new TypeError('authorizeLink: a host told less than it was asked');
  const place = { home, folder, file };
  return { place, text: isPlain(place) ? Buffer.from((await host.read(path)) ?? '').toString('latin1') : '' };
}

function planFor(
  account: Account,
  { place, text: before }: Keys,
  deployment: string,
  lines: readonly string[],
): { readonly outcome: Authorized; readonly text: string } {
  const { folder, file } = place;
  const plain = isPlain(place);
  const { text, ...edit } = editAuthorizedKeys(before, { deployment, lines });
  const right =
    folder.kind === 'directory' &&
    folder.mode === FOLDER_MODE &&
    file.kind === 'file' &&
    file.mode === FILE_MODE &&
    placeFault(account, place, 0) === undefined;
  // Nothing is read through a link, so what lies behind it is not known to be free of our lines.
  const empty = plain || folder.kind === 'absent' || (folder.kind === 'directory' && file.kind === 'absent');
  return { outcome: { ...edit, changed: text !== before || (lines.length > 0 ? !right : !empty) }, text };
}

function isPlain({ folder, file }: KeyPlace): boolean {
  return folder.kind === 'directory' && file.kind === 'file';
}

function contentOf(state: KeyPlace['file']): string {
  return state.kind === 'file' ? state.sha256 : state.kind;
}

function keysFolder({ home }: Account): string {
  return `${home}/.ssh`;
}

function keysFile(account: Account): string {
  return `${keysFolder(account)}/authorized_keys`;
}
