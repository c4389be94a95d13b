import type { Socket } from 'node:net';
import { plainText } from '../core/plain-text.ts';
import { strictest } from '../policy/decide.ts';
import type { Target, Verdict } from '../policy/policy.ts';
import type { DecisionEvent } from '../policy/trail-line.ts';
import { type About, Attempt } from './attempt.ts';
import { bodyCutter } from './body-meter.ts';
import { type Upstream, dial } from './dial.ts';
import { isDnsFrame } from './dns-frame.ts';
import type { Gate } from './gate.ts';
import { checkHello } from './hello-check.ts';
import { type Head, readHead } from './http-head.ts';
import type { IntakeFailure } from './intake.ts';
import { type Opening, readOpening } from './opening.ts';
import { type GateRequestHead, readInnerRequest, readRequest } from './request.ts';
import { routeName } from './routes/route-request.ts';
import { serveRoute } from './routes/serve-route.ts';
import { serveNames } from './serve-names.ts';

const TOO_MANY = 'more connections than are recorded one by one';

/** Serves one client connection from its first byte to its end. */
export async function serveConnection(gate: Gate, client: string, socket: Socket): Promise<void> {
  const attempt = new Attempt(gate, client, socket);
  const head = await readRequestHead(attempt);
  if (!head) return;
  if (head === 'names') return serveNames(attempt);
  const route = gate.routes.find(client, routeName(head));
  if (route) return serveRoute(attempt, head, route);
  const request = readRequest(head);
  if (request.kind === 'refused') return refuseRequest(attempt, request);
  const via = request.kind === 'connect' ? 'connect' : 'http';
  const upstream = await reach(attempt, request.target, via);
  if (!upstream) return;
  try {
    if (request.kind === 'forward') await forward(attempt, request, upstream, via);
    else await tunnel(attempt, request.target, upstream);
  } finally {
    upstream.socket.destroy();
  }
}

/** The first bytes of a connection: a request's head, DNS questions, or undefined for what was refused (and recorded). */
export async function readRequestHead(attempt: Attempt): Promise<Head | 'names' | undefined> {
  const { headBytes, headMs } = attempt.gate.settings.limits;
  const used = (value: ReturnType<typeof readFirst>): number =>
    value !== undefined && value !== 'names' && 'length' in value ? value.length : 0;
  const read = await attempt.intake.read(readFirst, { maxBytes: headBytes, timeoutMs: headMs, used });
  if (read === 'names' || 'length' in read) return read;
  // A connection that closes without a word (a port check) is no attempt at anything.
  if ('failed' in read && read.failed === 'closed' && read.bytes === 0) {
    attempt.socket.destroy();
    return undefined;
  }
  const detail = 'failed' in read ? describeFailure(read, 'the request') : read.refused;
  attempt.deny({ via: 'none', host: '', port: 0, detail }, { allowed: false, reason: 'bad-request' });
  return undefined;
}

function readFirst(bytes: Buffer): Head | 'names' | { readonly refused: string } | undefined {
  return isDnsFrame(bytes) ? 'names' : readHead(bytes);
}

/** Records and answers a head that is no request which anybody takes. */
export function refuseRequest(attempt: Attempt, request: Extract<GateRequestHead, { kind: 'refused' }>): void {
  attempt.deny(
    { via: 'none', host: plainText(request.written, 255), port: 0, detail: request.detail },
    { allowed: false, reason: request.reason },
  );
}

/** Decides, looks up, checks every address, dials. Undefined: refused, answered and recorded. */
async function reach(attempt: Attempt, target: Target, via: DecisionEvent['via']): Promise<Upstream | undefined> {
  const { gate, client } = attempt;
  const about: About = { via, host: target.host, port: target.port };
  const deny = (more: Partial<About>, verdict: Verdict): undefined => {
    attempt.deny({ ...about, ...more }, verdict);
  };
  const verdict = gate.judge(target, client);
  if (!verdict.allowed) return deny({}, verdict);
  if (!gate.hasRecordFor(client)) return deny({ detail: TOO_MANY }, { allowed: false, reason: 'limit' });
  const { connectMs } = gate.settings.limits;
  const resolved = target.kind === 'address' ? { addresses: [target.host] } : await gate.names.resolve(target.host);
  if ('failed' in resolved) return deny({ detail: resolved.failed }, { allowed: false, reason: 'unresolvable' });
  for (const address of resolved.addresses) {
    const judged = gate.judgeAddress(address, target.port, client);
    if (!judged.allowed) return deny({ address }, judged);
  }
  const upstream = await dial(resolved.addresses, target.port, connectMs, attempt.socket);
  if ('failed' in upstream) return deny({ detail: upstream.failed }, { allowed: false, reason: 'upstream-failed' });
  return upstream;
}

/** A CONNECT: what the client says first inside must fit before a byte of it goes upstream. */
async function tunnel(attempt: Attempt, target: Target, upstream: Upstream): Promise<void> {
  attempt.opened();
  const { helloBytes, helloMs } = attempt.gate.settings.limits;
  const used = (opening: Opening): number => (opening.kind === 'head' ? opening.head.length : 0);
  const opening = await attempt.intake.read((bytes) => readOpening(bytes, target.port), { maxBytes: helloBytes, timeoutMs: helloMs, used });
  const about: About = { via: 'connect', host: target.host, port: target.port, address: upstream.address };
  if ('failed' in opening) {
    // A client that only looked whether it may (a probe does) was let through and sent nothing.
    const isLook = opening.failed === 'closed' && opening.bytes === 0;
    if (isLook) return passNow(attempt, target, upstream, { ...about, detail: 'closed before anything was sent' });
    return attempt.deny({ ...about, detail: describeFailure(opening, 'the ClientHello') }, { allowed: false, reason: 'not-tls' });
  }
  switch (opening.kind) {
    case 'head': {
      const request = readInnerRequest(opening.head, target);
      if (request.kind === 'forward') return forward(attempt, request, upstream, 'connect');
      const reason = request.kind === 'refused' ? request.reason : 'bad-request';
      return attempt.deny({ ...about, ...(request.kind === 'refused' ? { detail: request.detail } : {}) }, { allowed: false, reason });
    }
    case 'refused':
      return passNow(attempt, target, upstream, { ...about, detail: opening.detail }, attempt.gate.refusalOf('not-tls'));
    case 'hello': {
      const { sni, refused } = checkHello(target, opening.hello);
      const seen: About = { ...about, ...(sni === undefined ? {} : { sni: plainText(sni, 255) }) };
      if (!refused) return passNow(attempt, target, upstream, seen);
      return passNow(attempt, target, upstream, { ...seen, detail: refused.detail }, attempt.gate.refusalOf(refused.reason));
    }
  }
}

/** A plain request: its head is written anew, and nothing but its body follows. */
async function forward(
  attempt: Attempt,
  request: Extract<GateRequestHead, { kind: 'forward' }>,
  upstream: Upstream,
  via: DecisionEvent['via'],
): Promise<void> {
  const { target } = request;
  await passNow(attempt, target, upstream, { via, host: target.host, port: target.port, address: upstream.address }, undefined, {
    first: Buffer.from(request.head, 'latin1'),
    cut: bodyCutter(request.body),
  });
}

/** Decides once more, by the policy of this moment, and lets pass or denies. */
async function passNow(
  attempt: Attempt,
  target: Target,
  upstream: Upstream,
  about: About,
  opening?: Verdict,
  limitUp?: Parameters<Attempt['pass']>[4],
): Promise<void> {
  const { gate, client } = attempt;
  const verdict = strictest([
    gate.judge(target, client),
    gate.judgeAddress(upstream.address, target.port, client),
    ...(opening ? [opening] : []),
  ]);
  if (!verdict.allowed) return attempt.deny(about, verdict);
  if (!gate.takeRecordFor(client)) return attempt.deny({ ...about, detail: TOO_MANY }, { allowed: false, reason: 'limit' });
  await attempt.pass(target, upstream, about, verdict, limitUp);
}

function describeFailure(failure: IntakeFailure, what: string): string {
  switch (failure.failed) {
    case 'timeout':
      return `${what} did not come within the time limit`;
    case 'closed':
      return `the client closed before ${what} was whole`;
    case 'too-long':
      return `${what} is too long`;
  }
}
