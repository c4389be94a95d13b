import { isIP } from 'node:net';
import { isRecord } from '../core/json.ts';
import { parseAddress } from '../policy/address.ts';
import type { Invalid } from '../policy/policy-file.ts';

/** Where something listens: a listener that was inherited, a Unix socket, or one address. */
export type ListenerPlace = { readonly fd: number } | { readonly path: string } | { readonly host: string; readonly port: number };

/** Who connects to an egress listener *is* that client: the place is the identity. */
export type GateListener = ListenerPlace & ({ readonly kind: 'control' } | { readonly kind: 'egress'; readonly client: string });

const KEYS = ['fd', 'path', 'host', 'port', 'kind', 'client'];
const LONGEST_PATH = 100;

/** Reads `listeners` of gate.json. */
export function parseListeners(value: unknown): { readonly list: readonly GateListener[] } | Invalid {
  if (!Array.isArray(value) || value.length === 0) return { invalid: 'listeners is not a list' };
  const list: GateListener[] = [];
  for (const [index, entry] of value.entries()) {
    const listener = parseListener(entry);
    if ('invalid' in listener) return { invalid: `listeners[${index}]${listener.invalid}` };
    if (list.some((one) => placeText(one) === placeText(listener)))
      return { invalid: `listeners[${index}]: ${placeText(listener)} has one already` };
    list.push(listener);
  }
  return { list };
}

/** For messages. */
export function placeText(place: ListenerPlace): string {
  if ('fd' in place) return `descriptor ${place.fd}`;
  return 'path' in place ? place.path : `${place.host} port ${place.port}`;
}

function parseListener(entry: unknown): GateListener | Invalid {
  if (!isRecord(entry)) return { invalid: ' is not an object' };
  const unknown = Object.keys(entry).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) return { invalid: `: unknown key ${JSON.stringify(unknown)}` };
  const place = parsePlace(entry);
  if ('invalid' in place) return place;
  const { kind, client } = entry;
  if (kind === 'control') {
    // Whoever reaches it closes tunnels and reads what waits: never a network's to offer.
    return 'host' in place ? { invalid: ': a control socket is no port' } : { ...place, kind };
  }
  if (kind === 'egress' && typeof client === 'string' && client !== '') return { ...place, kind, client };
  return { invalid: ' is neither control nor the egress of a client' };
}

function parsePlace({ fd, path, host, port }: Readonly<Record<string, unknown>>): ListenerPlace | Invalid {
  if ([fd, path, host].filter((one) => one !== undefined).length !== 1) return { invalid: ': one of fd, path, or host and port' };
  if (typeof path === 'string') {
    const fits = path !== '' && !path.includes('\0') && Buffer.byteLength(path) <= LONGEST_PATH;
    return fits && port === undefined ? { path } : { invalid: `.path is no path of at most ${LONGEST_PATH} bytes` };
  }
  if (typeof host === 'string') {
    // A listener on every address would take whoever comes, from wherever, for that client.
    if (isIP(host) === 0 || isEveryAddress(host)) return { invalid: '.host is not one address' };
    const isPort = typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535;
    return isPort ? { host, port } : { invalid: '.port is no port' };
  }
  return typeof fd === 'number' && Number.isInteger(fd) && fd >= 3 && port === undefined ? { fd } : { invalid: '.fd is no descriptor' };
}

function isEveryAddress(host: string): boolean {
  const address = parseAddress(host);
  return address === undefined || address === 'broken' || address.bytes.every((byte) => byte === 0);
}
