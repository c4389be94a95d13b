import { parseDocker } from './docker-facts.ts';
import type { FactsRequest, HostFacts, Listener, Route } from './host.ts';
import { addressOfHex, networkOfBsd } from './kernel-addresses.ts';
import { parseLook } from './parse-look.ts';

type Lines = ReadonlyMap<string, readonly string[]>;

/**
 * What the facts script printed -> facts; undefined when it is not the script's answer. `beganAt` is when its first sign
 * came, in milliseconds of this machine's clock.
 */
export function parseFacts(
  output: string,
  asked: Pick<FactsRequest, 'docker' | 'look'> & { readonly beganAt?: number },
): HostFacts | undefined {
  const lines = linesOf(output);
  const one = (key: string): string | undefined => lines.get(key)?.[0];
  const [kernel, uid, gid] = [one('kernel'), number(one('uid')), number(one('gid'))];
  if (kernel === undefined || uid === undefined || gid === undefined) return undefined;
  const system = one('system');
  const skew = asked.beganAt === undefined ? undefined : clockSkew(one('time'), asked.beganAt);
  return {
    platform: system === 'Linux' ? 'linux' : system === 'Darwin' ? 'darwin' : 'other',
    arch: archOf(one('machine')),
    kernel,
    uid,
    gid,
    user: one('user') ?? String(uid),
    memoryMiB: Math.floor((memory(lines, 'MemTotal') ?? (number(one('memsize')) ?? 0) / 1024) / 1024),
    freeDiskMiB: Math.floor((number(/\s\d+\s+\d+\s+(\d+)\s+\d+%\s/.exec(one('disk') ?? '')?.[1]) ?? 0) / 1024),
    tools: Object.fromEntries((lines.get('tool') ?? []).map((line) => [line.split(' ')[0] ?? '', line.slice(line.indexOf(' ') + 1)])),
    ...optional('hostname', one('hostname')),
    ...optional('home', one('home')),
    ...optional('clockSkewMs', skew),
    ...optional('availableMiB', mib(memory(lines, 'MemAvailable'))),
    routes: [...(lines.get('route') ?? []).flatMap(linuxRoute), ...(lines.get('bsdroute') ?? []).flatMap(bsdRoute)],
    listening: unique([...(lines.get('tcp') ?? []).flatMap(linuxListener), ...(lines.get('bsdtcp') ?? []).flatMap(bsdListener)]),
    ...optional('dsm', dsm(lines.get('dsm'))),
    ...optional('macos', versionAndBuild(one('macos'))),
    ...optional('ssh', sshFacts(one('ssh'), lines.get('sshd'))),
    ...(asked.docker === true ? { docker: parseDocker(lines) } : {}),
    ...(asked.look ? { look: parseLook(lines, asked.look) } : {}),
  };
}

function linesOf(output: string): Lines {
  const lines = new Map<string, string[]>();
  for (const line of output.split('\n')) {
    const at = line.indexOf(' ');
    if (at <= 0) continue;
    const key = line.slice(0, at);
    const value = line.slice(at + 1).trim();
    const before = lines.get(key);
    if (before) before.push(value);
    else lines.set(key, [value]);
  }
  return lines;
}

function archOf(machine: string | undefined): HostFacts['arch'] {
  if (machine === 'x86_64' || machine === 'amd64') return 'x64';
  return machine === 'aarch64' || machine === 'arm64' ? 'arm64' : 'other';
}

/** How far the host's clock is ahead. Where `date` knows whole seconds only, the middle of that second is meant. */
function clockSkew(time: string | undefined, beganAt: number): number | undefined {
  const match = /^(\d+)(?:\.(\d{3}))?/.exec(time ?? '');
  if (!match) return undefined;
  const whole = Number(match[1]) * 1000;
  if (match[2] !== undefined) return whole + Number(match[2]) - beganAt;
  const off = whole + 500 - beganAt;
  return Math.abs(off) <= 500 ? 0 : off;
}

function memory(lines: Lines, key: string): number | undefined {
  const line = lines.get('meminfo')?.find((one) => one.startsWith(`${key}:`));
  return number(/(\d+) kB/.exec(line ?? '')?.[1]);
}

// `eth0 0001A8C0 00000000 0001 0 0 0 00FFFFFF ...`: both in the byte order of the processor.
function linuxRoute(line: string): readonly Route[] {
  const [device = '', to = '', , , , , , mask = ''] = line.split(/\s+/);
  const [address, bits] = [addressOfHex(to), addressOfHex(mask)];
  if (address === undefined || bits === undefined) return [];
  const length = bits.split('.').reduce((sum, byte) => sum + Number(byte).toString(2).replaceAll('0', '').length, 0);
  return [{ subnet: `${address}/${length}`, device }];
}

// `192.168.1 link#6 UCS en0 !`, `10.0/16 10.0.0.1 UGSc utun3`
function bsdRoute(line: string): readonly Route[] {
  const [to = '', , flags = '', device = ''] = line.split(/\s+/);
  const subnet = /^[A-Za-z0-9]*U/.test(flags) ? networkOfBsd(to) : undefined;
  return subnet === undefined ? [] : [{ subnet, device }];
}

function linuxListener(line: string): readonly Listener[] {
  const [address = '', port = ''] = line.split(':');
  const known = addressOfHex(address);
  return known === undefined ? [] : [{ address: known, port: Number.parseInt(port, 16) }];
}

// `tcp4 0 0 127.0.0.1.18789 *.* LISTEN`
function bsdListener(line: string): readonly Listener[] {
  const match = /^tcp(4|6|46)\s+\d+\s+\d+\s+(\S+)\.(\d+)\s/.exec(line);
  if (!match) return [];
  const [, family, address = '', port] = match;
  return [{ address: address === '*' ? (family === '4' ? '0.0.0.0' : '::') : address, port: Number(port) }];
}

function unique(all: readonly Listener[]): readonly Listener[] {
  return [...new Map(all.map((one) => [`${one.address} ${one.port}`, one])).values()];
}

function dsm(lines: readonly string[] | undefined): HostFacts['dsm'] {
  if (!lines) return undefined;
  const known = new Map(
    lines.flatMap((line) => [...line.matchAll(/^(\w+)="?([^"]*)"?$/g)].map(([, key = '', value = '']) => [key, value])),
  );
  const version = known.get('productversion') ?? `${known.get('majorversion') ?? '?'}.${known.get('minorversion') ?? '?'}`;
  const fix = known.get('smallfixnumber') ?? '0';
  return { version, build: `${known.get('buildnumber') ?? ''}${fix === '0' ? '' : `-${fix}`}` };
}

function versionAndBuild(text: string | undefined): HostFacts['macos'] {
  const [version, build = ''] = text?.split(' ') ?? [];
  return version === undefined || version === '' ? undefined : { version, build };
}

// SSH_CONNECTION: the client's address and port, the server's address and port.
function sshFacts(connection: string | undefined, settings: readonly string[] | undefined): HostFacts['ssh'] {
  const [from, , at, port] = connection?.split(' ') ?? [];
  if (from === undefined || at === undefined || port === undefined) return undefined;
  // The first value counts; below a Match it counts for some only.
  const match = settings?.findIndex((line) => /^match\b/i.test(line)) ?? -1;
  const general = match < 0 ? settings : settings?.slice(0, match);
  const forwarding = general
    ?.map((line) => /^allowtcpforwarding\s+(\S+)/i.exec(line)?.[1]?.toLowerCase())
    .find((value) => value !== undefined);
  return {
    from,
    at,
    port: Number(port),
    ...optional('tcpForwarding', forwarding),
    ...(settings ? { sftp: settings.some((line) => /^subsystem\s+sftp\b/i.test(line)) } : {}),
  };
}

function mib(kib: number | undefined): number | undefined {
  return kib === undefined ? undefined : Math.floor(kib / 1024);
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [key in K]?: V } {
  const made: { [key in K]?: V } = {};
  if (value !== undefined) made[key] = value;
  return made;
}
