import { connect } from 'node:net';
import type { Finding } from '../../core/finding.ts';
import { Redacted } from '../../core/redacted.ts';
import { withGateway } from '../../openclaw/rpc.ts';
import type { GatewayAddress } from '../../openclaw/rpc.ts';
import { gatewayTokenName } from '../../services/names.ts';
import type { CheckInfo } from '../catalogue/check-info.ts';
import { fail, findingOf, pass, unknown } from '../catalogue/judgement.ts';
import type { Judgement } from '../catalogue/judgement.ts';
import type { ProofInput } from '../proof-input.ts';
import type { HostView } from './host-view.ts';

export const LOOPBACK_ONLY = {
  id: 'exposure.loopback-only',
  title: 'a published port answers at the addresses of the file alone',
  severity: 'critical',
  from: 'host',
  tries:
    'TCP to each published port at its address (must answer) and at each other address of the host (must not), from where the proof runs',
  sabotage: 'the port is published on all addresses',
} as const satisfies CheckInfo;

export const NEEDS_TOKEN = {
  id: 'exposure.needs-token',
  title: 'a gateway answers nobody without its token',
  severity: 'critical',
  from: 'gateway',
  tries:
    'an operator connection with a wrong token, an empty one and that of each other gateway of the deployment, and with the right one as control',
  sabotage: 'the gateway runs without authentication',
} as const satisfies CheckInfo;

/** Both checks for every gateway. */
export async function checkExposure(input: ProofInput, view: HostView): Promise<readonly Finding[]> {
  const ports = input.services.flatMap(({ name, published }) =>
    [...new Set(published.map(({ port }) => port))].map((port) => ({
      name,
      port,
      planned: published.filter((one) => one.port === port).map(({ address }) => address),
    })),
  );
  const places = ports.map(async ({ name, port, planned }) => {
    if (planned.includes('0.0.0.0')) return findingOf(LOOPBACK_ONLY, name, pass(`port ${port}: every address, as the file says`), '');
    const others = view.addresses.filter((one) => !planned.includes(one));
    const tried = await Promise.all(others.map(async (address) => ({ address, answers: await answers(address, port) })));
    // On another host only that one itself can say whether anybody listens at its loopback.
    const control = input.isLocal ? await answers('127.0.0.1', port) : view.loopbackPorts.includes(port) || view.ports.includes(port);
    return findingOf(LOOPBACK_ONLY, name, judgePublished(port, control, tried), 'publish it where the file says again: lobsterpot up');
  });
  const tokens = [...input.gateways].map(async ([name, address]) => {
    const others = input.deployment.gateways.flatMap((one) => (one.name === name ? [] : [gatewayTokenName(one.name)]));
    const foreign = others.flatMap((secret) => input.secrets.get(secret) ?? []);
    return findingOf(NEEDS_TOKEN, `gateway-${name}`, await tryTokens(address, foreign), 'set gateway.auth back to token: lobsterpot up');
  });
  return Promise.all([...places, ...tokens]);
}

/** The pure half of `exposure.loopback-only`. */
export function judgePublished(
  port: number,
  control: boolean,
  others: readonly { readonly address: string; readonly answers: boolean }[],
): Judgement {
  const open = others.filter((one) => one.answers).map(({ address }) => address);
  if (open.length > 0) return fail(`port ${port} answers on ${open.join(', ')}`);
  return control
    ? pass(`port ${port}: as planned, ${others.length} other addresses tried`)
    : unknown(`port ${port} does not answer on 127.0.0.1 either`);
}

async function tryTokens(address: GatewayAddress, foreign: readonly Redacted[]): Promise<Judgement> {
  const isIn = (token: Redacted): Promise<boolean> =>
    withGateway({ ...address, token }, (rpc) => rpc.health()).then(
      () => true,
      () => false,
    );
  // One after the other: OpenClaw slows down who fails often.
  const right = await isIn(address.token);
  const letIn: string[] = [];
  const strange = [
    ['a wrong token', new Redacted('f'.repeat(64))] as const,
    ['no token', new Redacted('')] as const,
    ...foreign.map((token) => ["another gateway's token", token] as const),
  ];
  for (const [what, token] of strange) if (await isIn(token)) letIn.push(what);
  if (letIn.length > 0) return fail(`the gateway lets ${letIn.join(' and ')} in`);
  return right ? pass(`the right token is let in, ${strange.length} others are not`) : unknown('not even the right token was let in');
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
