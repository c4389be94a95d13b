import { isIP } from 'node:net';

import { readConnect } from '../../topology/connect.ts';
import { type Answers, connectText, type Topology } from './answers.ts';

/** How this machine is called in the file. */
export const LOCAL = 'this-machine';

/** The gateways that a topology has, by the names that its example gives them. */
export function gatewaysOf(topology: Topology): readonly string[] {
  return topology === 'two-gateways' ? ['work', 'family'] : ['main'];
}

/** A name for the other machine from its address (`admin@nas.local` is `nas`); `other` where that makes none. */
export function nameOfOther(answers: Pick<Answers, 'other'>): string {
  const connect = readConnect(connectText(answers));
  if (!('kind' in connect) || connect.kind === 'local' || isIP(connect.host) !== 0) return 'other';
  const label = (connect.host.split('.')[0] ?? '').toLowerCase();
  return /^[a-z][a-z0-9-]{0,30}$/.test(label) && !TAKEN.includes(label) ? label : 'other';
}

// Names that mean something else in the file or on the command line.
const TAKEN: readonly string[] = [LOCAL, 'main', 'deployment', 'gate', 'gateway', 'ingress', 'link', 'node'];

/** The name of the secret that holds the key of a gateway's model. */
export function modelSecret({ provider }: Pick<Answers, 'provider'>, gateway: string): string {
  // What is no provider is refused later; until then it must not become more than a word.
  const word = /^[a-z]{1,20}$/.test(provider) ? provider : 'model';
  return gateway === 'main' ? `${word}_api_key` : `${gateway}_${word}_key`;
}

/** The name of the secret that holds the token of a gateway's bot. */
export function telegramSecret(gateway: string): string {
  return gateway === 'main' ? 'telegram_bot_token' : `${gateway}_telegram_token`;
}
