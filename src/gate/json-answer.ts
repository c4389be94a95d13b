/** A whole HTTP answer of the gate's own: it is not kept by anybody, and nothing comes after it. Pure. */
export function jsonAnswer(status: string, body: string): string {
  return [
    `HTTP/1.1 ${status}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'connection: close',
    '',
    body,
  ].join('\r\n');
}
