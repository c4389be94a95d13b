import { Problem } from '../../core/problem.ts';

/** Where a host is, as the user's file says; what is absent comes from the user's own ssh configuration. */
export type SshAddress = { readonly host: string; readonly user?: string; readonly port?: number };

// A name, an alias of ~/.ssh/config or an address; never something that ssh could take for an option.
const HOST = /^[A-Za-z0-9_][A-Za-z0-9_.:%-]*$/;
const USER = /^[A-Za-z0-9_][A-Za-z0-9_.@\\-]*$/;

/** The same address, when nothing in it could be an option or a command to ssh or to a shell. */
export function checkedAddress(address: SshAddress): SshAddress {
  const { host, user, port } = address;
  if (HOST.test(host) && (user === undefined || USER.test(user)) && (port === undefined || isPort(port))) return address;
  throw new Problem('hosts/ssh-address', 'the address of a host is none that ssh is given', {
    // Never quoted: a password pasted into it would be shown.
    cause: 'its name, user or port holds what could be an option or a command',
    fix: 'write for example connect: ssh://admin@nas.local (a password, a path or an option has no place in it)',
  });
}

/** The arguments that name the host to ssh; `--` keeps a name from being an option. */
export function destination({ host, user, port }: SshAddress): readonly string[] {
  return [...(port === undefined ? [] : ['-p', String(port)]), ...(user === undefined ? [] : ['-l', user]), '--', host];
}

/** The command that a person types to reach the host by hand. */
export function typedSsh({ host, user, port }: SshAddress): string {
  return `ssh ${port === undefined ? '' : `-p ${port} `}${user === undefined ? '' : `${user}@`}${host}`;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}
