import { timingSafeEqual } from 'node:crypto';
import type { ServerResponse } from 'node:http';

/** What a stand-in of a provider thinks of the key that it is given. */
export function judgeKey(presented: string | readonly string[] | undefined, expected: string): 'expected' | 'other' | 'none' {
  if (typeof presented !== 'string') return 'none';
  const a = Buffer.from(presented);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b) ? 'expected' : 'other';
}

/** undefined: no JSON. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Answers with a JSON document. */
export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
