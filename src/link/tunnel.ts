/** The ssh command of a link, taken apart. The probes use its own options: what is proven is what runs. */
export type Tunnel = {
  readonly program: string;
  readonly options: readonly string[];
  readonly user: string;
  readonly address: string;
  readonly port: number;
  /** The port on the far loopback that it leads to. */
  readonly gatewayPort: number;
};

/** The tunnel that a link's command opens: `PROGRAM OPTIONS -L ...:127.0.0.1:PORT -p PORT -l USER -- ADDRESS`, and nothing behind it. */
export function readTunnel(command: readonly string[]): Tunnel {
  const [program = '', ...args] = command;
  const values = new Map<string, string>();
  const options: string[] = [];
  const end = args.indexOf('--');
  for (let at = 0; at < end; at++) {
    const [flag = '', value = ''] = args.slice(at, at + 2);
    // Without -N what is asked of the far end is done; -L would take the near port from the running tunnel.
    if (flag === '-N') continue;
    if (['-L', '-p', '-l'].includes(flag)) values.set(flag, value);
    else options.push(...(flag === '-o' || flag === '-F' ? [flag, value] : [flag]));
    if (/^-[LploF]$/.test(flag)) at++;
  }
  const forward = /:127\.0\.0\.1:(\d+)$/.exec(values.get('-L') ?? '')?.[1];
  const [user, port, address] = [values.get('-l'), values.get('-p'), args[end + 1]];
  if (end < 0 || args.length !== end + 2 || forward === undefined || user === undefined || port === undefined || address === undefined)
    throw new TypeError('readTunnel: not the command of a link');
  return { program, options, user, address, port: Number(port), gatewayPort: Number(forward) };
}

/** One other call of the same client. `first` comes before its own options: ssh takes the first value that it finds. */
export function sshArgv(
  { program, options, user, address, port }: Tunnel,
  call: { readonly first?: readonly string[]; readonly flags?: readonly string[]; readonly command?: readonly string[] },
): readonly string[] {
  const destination = ['-p', String(port), '-l', user, '--', address];
  return [program, ...(call.first ?? []), ...options, ...(call.flags ?? []), ...destination, ...(call.command ?? [])];
}
