import { connect } from 'node:net';
import type { Finding } from '../../core/finding.ts';
import { Redacted } from '../../core/redacted.ts';
import { withGateway } from '../../openclaw/rpc.ts';
import type { GatewayAddress } from '../../openclaw/rpc.ts';
import type { CheckInfo } from '../catalogue/check-info.ts';
import { fail, findingOf, pass, unknown } from '../catalogue/judgement.ts';
import type { Judgement } from '../catalogue/judgement.ts';
import type { ProofInput } from '../proof-input.ts';

export const LOOPBACK_ONLY = {
  id: 'exposure.loopback-only',
  title: 'a published port listens on loopback alone',
  severity: 'critical',
  from: 'host',
  tries: "TCP to each published port on 127.0.0.1 (must answer) and on each of the host's other addresses (must not)",
  sabotage: 'the port is published on all addresses',
} as const satisfies CheckInfo;

export const NEEDS_TOKEN = {
  id: 'exposure.needs-token',
  title: 'a gateway answers nobody without its token',
  severity: 'critical',
  from: 'gateway',
  tries: 'an operator connection with a wrong token, with an empty one, and with the right one as control',
  sabotage: 'the gateway runs without authentication',
} as const satisfies CheckInfo;

/** Both checks for every gateway. */
export async function checkExposure(input: ProofInput, hostAddresses: readonly string[]): Promise<readonly Finding[]> {
  const ports = input.services.flatMap(({ name, published }) => published.map(({ port }) => ({ name, port })));
  const loopback = ports.map(async ({ name, port }) => {
    const others = await Promise.all(hostAddresses.map(async (address) => ({ address, answers: await answers(address, port) })));
    return findingOf(
      LOOPBACK_ONLY,
      name,
      judgeLoopback(port, await answers('127.0.0.1', port), others),
      'publish it on 127.0.0.1 alone again: lobsterpot up',
    );
  });
  const tokens = [...input.gateways].map(async ([name, address]) =>
    findingOf(NEEDS_TOKEN, `gateway-${name}`, await tryTokens(address), 'set gateway.auth back to token: lobsterpot up'),
  );
  return Promise.all([...loopback, ...tokens]);
}

/** The pure half of `exposure.loopback-only`. */
export function judgeLoopback(
  port: number,
  onLoopback: boolean,
  others: readonly { readonly address: string; readonly answers: boolean }[],
): Judgement {
  const open = others.filter((one) => one.answers).map(({ address }) => address);
  if (open.length > 0) return fail(`port ${port} answers on ${open.join(', ')}`);
  return onLoopback
    ? pass(`port ${port}: 127.0.0.1 only, ${others.length} other addresses tried`)
    : unknown(`port ${port} does not answer on 127.0.0.1 either`);
}

async function tryTokens(address: GatewayAddress): Promise<Judgement> {
  const isIn = (token: Redacted): Promise<boolean> =>
    withGateway({ ...address, token }, (rpc) => rpc.health()).then(
      () => true,
      () => false,
    );
  // One after the other: OpenClaw slows down who fails often.
  const right = await isIn(address.token);
  const wrong = await isIn(new Redacted('f'.repeat(64)));
  const empty = await isIn(new Redacted(''));
  if (wrong || empty) return fail(`the gateway lets ${wrong ? 'a wrong token' : 'no token'} in`);
  return right ? pass('the right token is let in, a wrong and an empty one are not') : unknown('not even the right token was let in');
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    const end = (yes: boolean): void => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
