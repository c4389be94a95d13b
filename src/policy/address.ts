/** An IP address as its bytes: 4 or 16 of them. */
export type Address = { readonly family: 4 | 6; readonly bytes: readonly number[] };

/**
 * Every form of IPv4 that some resolver accepts (`127.1`, `0x7f.0.0.1`, `2130706433`, `0177.0.0.1`), as `inet_aton` reads them.
 * `broken`: its last label is a number, so it can be no name, and it is no address either.
 */
export function parseIpv4(text: string): Address | 'broken' | undefined {
  const usual = parseDotted(text);
  if (usual) return { family: 4, bytes: usual };
  const labels = text.split('.');
  if (!NUMBER_LIKE.test(labels.at(-1) ?? '')) return undefined;
  if (labels.length > 4) return 'broken';
  const numbers = labels.map(parseNumber);
  const bytes: number[] = [];
  for (const [index, value] of numbers.entries()) {
    const isLast = index === numbers.length - 1;
    const width = isLast ? 4 - index : 1;
    if (value === undefined || value >= 256 ** width) return 'broken';
    for (let shift = width - 1; shift >= 0; shift -= 1) bytes.push(Math.floor(value / 256 ** shift) % 256);
  }
  return { family: 4, bytes };
}

/** The canonical form alone, which is what a resolver answers with: one address of each tunnel is read this way, twice. */
function parseDotted(text: string): readonly number[] | undefined {
  const bytes = [0, 0, 0, 0];
  let label = 0;
  let digits = 0;
  for (let at = 0; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    const value = bytes[label] ?? 0;
    if (digit >= 0 && digit <= 9 && (digits === 0 || value > 0)) {
      bytes[label] = value * 10 + digit;
      digits += 1;
    } else if (digit === DOT && digits > 0 && value < 256 && label < 3) {
      label += 1;
      digits = 0;
    } else return undefined;
  }
  return label === 3 && digits > 0 && (bytes[3] ?? 256) < 256 ? bytes : undefined;
}

const DOT = '.'.charCodeAt(0) - 48;

// Wider than what parseNumber reads: `0x` alone and `08` end as `broken`, not as a name.
const NUMBER_LIKE = /^(?:\d+|0x[\da-f]*)$/i;

function parseNumber(label: string): number | undefined {
  if (/^(?:0|[1-9]\d{0,9})$/.test(label)) return Number(label);
  if (/^0x[\da-f]{1,8}$/i.test(label)) return Number.parseInt(label.slice(2), 16);
  if (/^0[0-7]{1,11}$/.test(label)) return Number.parseInt(label, 8);
  return undefined;
}

/** IPv6 without brackets; a zone id (`%eth0`) is dropped: with it the address is still the same address. */
export function parseIpv6(text: string): Address | undefined {
  const bare = text.split('%', 1)[0] ?? '';
  const halves = bare.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '', true) : [];
  if (!head || !tail) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return { family: 6, bytes: [...head, ...Array<number>(missing).fill(0), ...tail] };
}

function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  const bytes: number[] = [];
  for (const [index, group] of groups.entries()) {
    if (/^[\da-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 255);
      continue;
    }
    const isDotted = mayEndInIpv4 && index === groups.length - 1 && /^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/.test(group);
    const embedded = isDotted ? parseIpv4(group) : undefined;
    if (embedded === undefined || embedded === 'broken') return undefined;
    bytes.push(...embedded.bytes);
  }
  return bytes;
}

/** An IPv4-mapped IPv6 address (`::ffff:127.0.0.1`) is the IPv4 address: the kernel dials that. */
export function unmapped(address: Address): Address {
  const { family, bytes } = address;
  const isMapped = family === 6 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  return isMapped ? { family: 4, bytes: bytes.slice(12) } : address;
}

/** A literal of either family (IPv6 with or without brackets), mapped forms undone; `broken` as in `parseIpv4`. */
export function parseAddress(text: string): Address | 'broken' | undefined {
  const bracketed = /^\[(.*)\]$/s.exec(text);
  if (bracketed || text.includes(':')) {
    const address = parseIpv6(bracketed?.[1] ?? text);
    return address ? unmapped(address) : 'broken';
  }
  return parseIpv4(text);
}

/** The one canonical text: dotted IPv4, or IPv6 lower case with its longest run of zeros as `::` (RFC 5952). */
export function formatAddress({ family, bytes }: Address): string {
  if (family === 4) return bytes.join('.');
  const groups: number[] = [];
  for (let at = 0; at < 16; at += 2) groups.push((bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0));
  const run = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (!run) return hex.join(':');
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.length).join(':')}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } | undefined {
  let best: { start: number; length: number } | undefined;
  let start = 0;
  for (let at = 0; at <= groups.length; at += 1) {
    if (groups[at] === 0) continue;
    const length = at - start;
    if (length >= 2 && length > (best?.length ?? 0)) best = { start, length };
    start = at + 1;
  }
  return best;
}
