/** One line of Squid's access log, as `logFormat` makes it. */
export type AccessLine = {
  readonly endMs: number;
  readonly ms: number;
  /** Squid's own port: the client, or the second hop. */
  readonly port: number | undefined;
  /** The port that it came from, and the one that Squid went on from: by them the lines of both hops belong together. */
  readonly fromPort: number | undefined;
  readonly onPort: number | undefined;
  readonly status: number;
  readonly did: string;
  readonly method: string;
  readonly host: string;
  readonly toPort: number | undefined;
  readonly address: string | undefined;
  /** Without the heads of request and answer. */
  readonly up: number;
  readonly down: number;
  readonly error: string | undefined;
  /** `splice`, `terminate`, `peek`: what the second hop did about the ClientHello. */
  readonly hello: string | undefined;
  readonly sni: string | undefined;
};

const FIELDS = 18;

/** Reads one line; undefined: it is not one of ours. */
export function parseAccessLine(line: string): AccessLine | undefined {
  const fields = line.split(' ');
  if (fields.length !== FIELDS) return undefined;
  const [time = '', ms, port, fromPort, onPort, status, did = '', method, host, toPort, address, ...rest] = fields;
  const [bytesIn, headIn, bytesOut, headOut, error, hello, sni] = rest;
  if (!/^\d{1,12}\.\d{3}$/.test(time)) return undefined;
  const counts = [ms, status, bytesIn, headIn, bytesOut, headOut].map(count);
  const [took, code, up, upHead, down, downHead] = counts;
  if (took === undefined || code === undefined) return undefined;
  return {
    endMs: Math.round(Number(time) * 1000),
    ms: took,
    port: portOf(port),
    fromPort: portOf(fromPort),
    onPort: portOf(onPort),
    status: code,
    did,
    method: decoded(method) ?? '-',
    host: hostOf(decoded(host)),
    toPort: portOf(toPort),
    address: given(address),
    up: Math.max(0, (up ?? 0) - (upHead ?? 0)),
    down: Math.max(0, (down ?? 0) - (downHead ?? 0)),
    error: given(error),
    hello: given(hello),
    sni: decoded(sni),
  };
}

function given(field: string | undefined): string | undefined {
  return field === undefined || field === '-' || field === '' ? undefined : field;
}

function count(field: string | undefined): number | undefined {
  if (field === '-') return 0;
  return field !== undefined && /^\d{1,15}$/.test(field) ? Number(field) : undefined;
}

function portOf(field: string | undefined): number | undefined {
  const port = count(field);
  return port === undefined || port < 1 || port > 65_535 ? undefined : port;
}

/** Squid's own escapes; what is not one of them stands for itself. */
function decoded(field: string | undefined): string | undefined {
  return given(field)?.replace(/%([\da-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

// Squid writes an IPv6 host in brackets.
function hostOf(host: string | undefined): string {
  return host === undefined ? '' : host.replace(/^\[(.*)\]$/s, '$1');
}
