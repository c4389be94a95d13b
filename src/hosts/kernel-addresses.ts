/**
 * An address as /proc/net writes it: words of 32 bits in the processor's byte order, which is little-endian on both
 * processors that are supported. An IPv4 address inside IPv6 is given as IPv4; other IPv6 addresses are not shortened, but `::` and `::1`.
 */
export function addressOfHex(hex: string): string | undefined {
  if (!/^([0-9A-F]{8}|[0-9A-F]{32})$/i.test(hex)) return undefined;
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex')].toReversed());
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, at) => (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16));
  const whole = groups.join(':');
  return whole === '0:0:0:0:0:0:0:0' ? '::' : whole === '0:0:0:0:0:0:0:1' ? '::1' : whole;
}

/** A destination as netstat of macOS writes it (`default`, `192.168.1`, `10.0/16`) -> a subnet; undefined: not IPv4. */
export function networkOfBsd(text: string): string | undefined {
  if (text === 'default') return '0.0.0.0/0';
  const match = /^(\d{1,3}(?:\.\d{1,3}){0,3})(?:\/(\d{1,2}))?$/.exec(text);
  if (!match) return undefined;
  const bytes = match[1]?.split('.') ?? [];
  // Bytes that are left out are zero, and say the length where no other is given.
  const length = match[2] ?? String(bytes.length * 8);
  return `${[...bytes, '0', '0', '0'].slice(0, 4).join('.')}/${length}`;
}
