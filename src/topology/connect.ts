import type { Connect } from './deployment.ts';

/** A host's `connect` read, or why it cannot be. Never quotes the text: a password pasted into it would be shown. */
export type ReadConnect = Connect | { readonly cause: string; readonly change: string };

const FORM = 'write local, or for example ssh://admin@nas.local (also ssh://ALIAS of your ssh configuration)';

// A name, an alias or an address; never something that ssh could take for an option.
const HOST = /^[A-Za-z0-9_][A-Za-z0-9_.:%-]*$/;
const ACCOUNT = /^[A-Za-z0-9_][A-Za-z0-9_.@\\-]*$/;

/** Reads `local` or `ssh://[user@]host[:port]`; an address of IPv6 stands in brackets. */
export function readConnect(written: string): ReadConnect {
  if (written === 'local') return { kind: 'local' };
  const rest = /^ssh:\/\/(.*)$/s.exec(written)?.[1];
  if (rest === undefined) return { cause: 'it is neither local nor an address that begins with ssh://', change: FORM };
  const at = rest.lastIndexOf('@');
  const user = at === -1 ? undefined : rest.slice(0, at);
  if (user?.includes(':')) return { cause: 'a password has no place in a file', change: 'remove it and let the host take your ssh key' };
  const place = rest.slice(at + 1).replace(/\/$/, '');
  if (place.includes('/')) return { cause: 'it has a path in it', change: 'remove the path; the folder on the host is written in dir' };
  const match = /^(?:\[(?<six>[^\]]+)\]|(?<host>[^:[\]]+))(?::(?<port>\d{1,5}))?$/.exec(place);
  const { six, host = six, port } = match?.groups ?? {};
  if (host === undefined || !HOST.test(host)) return { cause: 'it names no host', change: FORM };
  if (user !== undefined && !isAccount(user)) return { cause: 'what stands before @ is no name of an account', change: FORM };
  const number = port === undefined ? undefined : Number(port);
  if (number !== undefined && (number < 1 || number > 65_535)) {
    return { cause: 'its port is not a number from 1 to 65535', change: 'correct the port or leave it out' };
  }
  return { kind: 'ssh', host, ...(user === undefined ? {} : { user }), ...(number === undefined ? {} : { port: number }) };
}

/** What ssh takes for the name of an account, and never for an option. */
export function isAccount(text: string): boolean {
  return ACCOUNT.test(text);
}
