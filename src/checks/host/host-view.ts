import type { Host } from '../../hosts/host.ts';

/** What a service must not see of its host, as that host itself tells it. */
export type HostView = {
  /** Its own addresses but loopback and link-local ones. */
  readonly addresses: readonly string[];
  /** Links of /proc/self/ns by kind; none where there is no /proc. */
  readonly namespaces: Readonly<Record<string, string>>;
  /** TCP ports listened on, on more than loopback, lowest first. */
  readonly ports: readonly number[];
  /** Those that are listened on there alone. */
  readonly loopbackPorts: readonly number[];
};

const READ_MS = 15_000;

// One round trip, with nothing but a shell and readlink or, on a Mac, ifconfig and netstat.
const SCRIPT = `if [ -r /proc/net/fib_trie ]; then
  for k in net mnt pid ipc uts user cgroup; do echo "ns $k $(readlink /proc/self/ns/$k)"; done
  while read -r l; do echo "fib $l"; done </proc/net/fib_trie
  [ ! -r /proc/net/if_inet6 ] || while read -r a i p s l; do echo "v6 $a $s"; done </proc/net/if_inet6
  for f in /proc/net/tcp /proc/net/tcp6; do
    [ ! -r $f ] || while read -r n at to state more; do [ "$state" != 0A ] || echo "tcp $at"; done <$f
  done
else
  PATH=$PATH:/sbin:/usr/sbin
  ifconfig | while read -r k a l; do case $k in inet|inet6) echo "addr $a" ;; esac; done
  netstat -an -p tcp | while read -r p r s at to state; do [ "$state" != LISTEN ] || echo "bsd $at"; done
fi`;

/** Reads it in one go; throws when the host cannot be asked. */
export async function readHostView(host: Pick<Host, 'run'>): Promise<HostView> {
  const { code, stdout } = await host.run(['/bin/sh', '-c', SCRIPT], { timeoutMs: READ_MS });
  const view = parseHostView(stdout);
  if (code !== 0 || view.addresses.length === 0) throw new Error('the host did not tell its addresses');
  return view;
}

/** Pure: what the script printed. */
export function parseHostView(text: string): HostView {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const of = (key: string): readonly (readonly string[])[] => lines.filter(([first]) => first === key).map((words) => words.slice(1));
  const addresses = [
    ...fibAddresses(of('fib')),
    ...of('v6').flatMap(([hex = '', scope]) => (scope === '00' ? [ipv6(hex)] : [])),
    ...of('addr').map(([one = '']) => one.replace(/[%/].*$/, '')),
  ];
  const listeners = [...of('tcp').flatMap(([at = '']) => procListener(at)), ...of('bsd').flatMap(([at = '']) => bsdListener(at))];
  const ports = new Set(listeners.flatMap(({ loopback, port }) => (loopback ? [] : [port])));
  const own = new Set(listeners.flatMap(({ loopback, port }) => (loopback && !ports.has(port) ? [port] : [])));
  return {
    addresses: [...new Set(addresses)].filter((one) => !/^(?:127\.|::1$|fe80)/i.test(one)),
    namespaces: Object.fromEntries(of('ns').flatMap(([kind, link]) => (kind === undefined || link === undefined ? [] : [[kind, link]]))),
    ports: [...ports].toSorted((a, b) => a - b),
    loopbackPorts: [...own].toSorted((a, b) => a - b),
  };
}

/** An address stands on a line of its own (`|-- 10.0.0.1`), and what it is on the next (`/32 host LOCAL`). */
function fibAddresses(lines: readonly (readonly string[])[]): readonly string[] {
  return lines.flatMap((words, index) => {
    const [mark, address] = words;
    const next = lines[index + 1]?.join(' ') ?? '';
    return mark === '|--' && address !== undefined && next === '/32 host LOCAL' ? [address] : [];
  });
}

function ipv6(hex: string): string {
  return (hex.match(/.{4}/g) ?? []).map((part) => Number.parseInt(part, 16).toString(16)).join(':');
}

type Listener = { readonly loopback: boolean; readonly port: number };

/** `0100007F:1F90`: address with its bytes reversed in each word, and port, in hexadecimal. */
function procListener(at: string): readonly Listener[] {
  const [address = '', hex = ''] = at.split(':');
  const v4 = address.endsWith('7F') && address.length === 8;
  const v6 = address === '00000000000000000000000001000000' || /FFFF0000......7F$/.test(address);
  const port = Number.parseInt(hex, 16);
  return port > 0 ? [{ loopback: v4 || v6, port }] : [];
}

function bsdListener(at: string): readonly Listener[] {
  const match = /^(.*)\.(\d+)$/.exec(at);
  return match ? [{ loopback: /^(?:127\.|::1$)/.test(match[1] ?? ''), port: Number(match[2]) }] : [];
}
