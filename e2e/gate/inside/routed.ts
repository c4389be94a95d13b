import { readFileSync } from 'node:fs';
import type { GateOptions, RunningGate } from '../start-gate.ts';
import { API, gateWith, lab, MAIN } from './setup.ts';

/** The key that the stand-in model expects. */
export const KEY = readFileSync(lab.modelKeyFile, 'utf8').trim();
/** The token that the stand-in Telegram expects. */
export const TOKEN = readFileSync(lab.telegramTokenFile, 'utf8').trim();
/** A client without a route. */
export const OTHER = 'node-nas';

/** A gate whose first client has a route to the model and one to Telegram. */
export const routed = (more: GateOptions = {}): Promise<RunningGate> =>
  gateWith([API, 'api.telegram.org'], {
    routes: [
      { client: MAIN, provider: 'anthropic', key: `${KEY}\n` },
      { client: MAIN, provider: 'telegram', key: TOKEN },
    ],
    caFile: lab.caFile,
    ...more,
  });

/** A request to the model, as a client writes it. */
export function asking(text: string, more: readonly string[] = [], path = '/anthropic/v1/messages'): string {
  const body = JSON.stringify({ model: 'claude-sonnet-5', stream: true, messages: [{ role: 'user', content: text }] });
  return [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1:3128',
    'Content-Type: application/json',
    'anthropic-version: 2023-06-01',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...more,
    '',
    body,
  ].join('\r\n');
}
