// oxlint-disable-next-line no-control-regex -- taking control characters out is the point
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Untrusted text made safe for a terminal or a report: no control, escape or bidirectional characters,
 * cut at `max` characters. What comes out of a contained service is untrusted, its logs too.
 */
export function plainText(text: string, max = 2000): string {
  const clean = text.replaceAll('\r\n', '\n').replace(CONTROL, '\u{fffd}');
  return clean.length > max ? `${clean.slice(0, max)}…` : clean;
}
