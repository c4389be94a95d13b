import { sha256 } from '../core/digest.ts';
import type { FileState, Owner } from './host.ts';
import { parseState } from './ssh/file-answers.ts';
import { STATE_LINE } from './ssh/file-scripts.ts';
import { quoteArgv, quoteWord } from './ssh/quote.ts';

/** Which keys are to be told of: those of the host's own ssh server, and those that accounts let in. */
export type KeysRequest = { readonly server: boolean; readonly accounts: readonly string[] };

/** An account, what stands where its keys lie, and the file itself; `absent`: no such account. */
export type AccountKeys =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'there';
      readonly owner: Owner;
      readonly home: string;
      readonly place: { readonly home: FileState; readonly folder: FileState; readonly file: FileState };
      /** What the file holds, byte by byte as latin1; empty where it is no plain file in a plain folder. */
      readonly text: string;
    };

/** What was told. What is not in it was not told in full: who needs it asks for it by itself, and hears why. */
export type KeysLook = {
  /** When they were told, in milliseconds of this machine's clock. */
  readonly at: number;
  /** Texts of the `.pub` files of the ssh server. */
  readonly server?: readonly string[];
  readonly accounts: ReadonlyMap<string, AccountKeys>;
};

/** Where the public keys of an ssh server lie unless its configuration says otherwise. */
export const USUAL_HOST_KEYS = ['ed25519', 'ecdsa', 'rsa'].map((kind) => `/etc/ssh/ssh_host_${kind}_key`);

const ACCOUNT = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;
const MOST_BYTES = 256 * 1024;

const TEXT = `text() { head -c ${MOST_BYTES} <"$1" 2>/dev/null | base64 | tr -d '\\n'; }`;

// Its effective configuration where that may be read (as root), else the usual place.
const SERVER = String.raw`server_keys() {
  kp=$(command -v sshd) && kf=$("$kp" -T 2>/dev/null) || kf=
  kf=$(printf '%s\n' "$kf" | sed -n 's/^hostkey \(\/.*\)$/\1/p')
  [ -n "$kf" ] || kf=$(printf '%s\n' ${quoteArgv(USUAL_HOST_KEYS)})
  printf '%s\n' "$kf" | while IFS= read -r kf; do
    kf=$kf.pub
    if [ -f "$kf" ] && [ ! -L "$kf" ] && [ -r "$kf" ]; then echo "keys_server $(text "$kf")"
    elif [ -e "$kf" ] || [ -L "$kf" ]; then echo keys_server odd; fi
  done
}`;

// ~name is what sshd's own %h is too; the name was checked, so eval sees no other text.
const ACCOUNTS = String.raw`account_keys() {
  ku=$(id -u "$1" 2>/dev/null) && kg=$(id -g "$1") || { echo "keys_absent $1"; return; }
  eval "kh=~$1"
  kh=$(cd "$kh" 2>/dev/null && pwd -P) || return
  echo "keys_account $1 $ku $kg $(printf %s "$kh" | base64 | tr -d '\n')"
  kf=$kh/.ssh/authorized_keys
  echo "keys_home $1 $(one "$kh")"
  echo "keys_folder $1 $(one "$kh/.ssh")"
  echo "keys_file $1 $(one "$kf")"
  if [ ! -L "$kh/.ssh" ] && [ -f "$kf" ] && [ ! -L "$kf" ]; then echo "keys_text $1 $(text "$kf")"; fi
}`;

/** The lines of a script that tell it; their output is what `parseKeys` reads. Accounts whose name is none are not asked for. */
export function keysScript({ server, accounts }: KeysRequest): string {
  const named = accounts.filter((one) => ACCOUNT.test(one));
  return [
    TEXT,
    ...(server ? [SERVER, 'server_keys'] : []),
    ...(named.length === 0 ? [] : [STATE_LINE, ACCOUNTS, ...named.map((one) => `account_keys ${quoteWord(one)}`)]),
  ].join('\n');
}

/** What was told of keys among the lines of a script. Pure; what is cut off, or changed while it was read, is left out. */
export function parseKeys(told: string, at: number): KeysLook {
  const server = [...told.matchAll(/^keys_server (.*)$/gm)].map(([, text = '']) => decoded(text));
  const known = server.flatMap((one) => (one === undefined || one === '' ? [] : [one]));
  const absent = [...told.matchAll(/^keys_absent (\S+)$/gm)].map(([, user = '']) => [user, { kind: 'absent' }] as const);
  const there = [...told.matchAll(/^keys_account (\S+) (\d+) (\d+) (\S+)$/gm)].flatMap(([, user = '', uid, gid, folder = '']) => {
    const home = decoded(folder);
    const keys = home?.startsWith('/') === true ? accountOf(told, user, { uid: Number(uid), gid: Number(gid) }, home) : undefined;
    return keys ? [[user, keys] as const] : [];
  });
  return {
    at,
    ...(server.length > 0 && known.length === server.length ? { server: known } : {}),
    accounts: new Map<string, AccountKeys>([...absent, ...there]),
  };
}

function accountOf(told: string, user: string, owner: Owner, home: string): AccountKeys | undefined {
  const lines = told.split('\n');
  const after = (key: string): string | undefined => {
    const [line, ...more] = lines.filter((one) => one.startsWith(`${key} ${user} `));
    return more.length > 0 ? undefined : line?.slice(`${key} ${user} `.length);
  };
  const stateOf = (key: string): FileState | undefined => {
    const state = parseState(after(key) ?? '');
    return typeof state === 'object' ? state : undefined;
  };
  const [at, folder, file] = [stateOf('keys_home'), stateOf('keys_folder'), stateOf('keys_file')];
  if (after('keys_account') === undefined || !at || !folder || !file) return undefined;
  const isPlain = folder.kind === 'directory' && file.kind === 'file';
  const text = isPlain ? decoded(after('keys_text') ?? '') : '';
  if (text === undefined || (file.kind === 'file' && isPlain && sha256(Buffer.from(text, 'latin1')) !== file.sha256)) return undefined;
  return { kind: 'there', owner, home, place: { home: at, folder, file }, text };
}

/** Text of base64 as latin1, so that bytes stay bytes; undefined: it is none. */
function decoded(base64: string): string | undefined {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.toString('base64') === base64 ? bytes.toString('latin1') : undefined;
}
