import { isRecord } from '../../core/json.ts';

/** What a fake gate needs to know of a request line. */
export function parseControlRequest(line: string): { readonly op: string; readonly host: string; readonly port: number } {
  const value: unknown = JSON.parse(line);
  if (!isRecord(value)) throw new Error('not an object');
  return { op: String(value['op']), host: String(value['host']), port: Number(value['port']) };
}
