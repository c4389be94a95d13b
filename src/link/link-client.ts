/** Where the gateway's host answers as the node's host sees it, and whose account takes the key. */
export type LinkEnd = { readonly user: string; readonly address: string; readonly port: number };

/** The files of the near end, as the ssh client sees them. */
export type LinkFiles = { readonly identity: string; readonly knownHosts: string };

/** The ssh client of one link. The tunnel and its probes use the same options: what is proven is what runs. */
export type LinkClient = { readonly program: string; readonly options: readonly string[]; readonly end: LinkEnd };

/** A client that uses this key, believes these host keys, asks nobody and reads no configuration. */
export function linkClient(program: string, end: LinkEnd, files: LinkFiles): LinkClient {
  const options = [
    `IdentityFile=${quoted(files.identity)}`,
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'PreferredAuthentications=publickey',
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${quoted(files.knownHosts)}`,
    'GlobalKnownHostsFile=none',
    'UpdateHostKeys=no',
    'ControlPath=none',
    'ExitOnForwardFailure=yes',
    'ConnectTimeout=10',
    'ServerAliveInterval=15',
    'ServerAliveCountMax=3',
    'LogLevel=INFO',
  ];
  return { program, options: ['-F', 'none', '-T', ...options.flatMap((one) => ['-o', one])], end };
}

/** The tunnel itself: from a near address to the gateway's port on the far loopback, until it breaks. */
export function tunnelArgv(
  client: LinkClient,
  from: { readonly address: string; readonly port: number },
  gatewayPort: number,
): readonly string[] {
  const near = from.address.includes(':') ? `[${from.address}]` : from.address;
  return sshArgv(client, { flags: ['-N', '-L', `${near}:${from.port}:127.0.0.1:${gatewayPort}`] });
}

/** One call of the client. `first` comes before its own options: ssh takes the first value that it finds. */
export function sshArgv(
  { program, options, end }: LinkClient,
  call: { readonly first?: readonly string[]; readonly flags?: readonly string[]; readonly command?: readonly string[] },
): readonly string[] {
  const destination = ['-p', String(end.port), '-l', end.user, '--', end.address];
  return [program, ...(call.first ?? []), ...options, ...(call.flags ?? []), ...destination, ...(call.command ?? [])];
}

/** A path as ssh reads one in an option: in quotes because of blanks, and a percent sign begins a token. */
function quoted(path: string): string {
  if (/["\\\n]/.test(path)) throw new TypeError('linkClient: a path that ssh cannot be told');
  return `"${path.replaceAll('%', '%%')}"`;
}
