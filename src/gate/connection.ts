import type { Socket } from 'node:net';
import { plainText } from '../core/plain-text.ts';
import { strictest } from '../policy/decide.ts';
import type { Target, Verdict } from '../policy/policy.ts';
import type { DecisionEvent } from '../policy/trail-line.ts';
import { type About, Attempt } from './attempt.ts';
import { bodyCutter } from './body-meter.ts';
import { dial } from './dial.ts';
import { isDnsFrame } from './dns-frame.ts';
import type { Gate } from './gate.ts';
import { checkHello } from './hello-check.ts';
import { type Head, readHead } from './http-head.ts';
import { type Opening, readOpening } from './opening.ts';
import type { IntakeFailure } from './reading.ts';
import { type GateRequestHead, readInnerRequest, readRequest } from './request.ts';
import { routeName } from './routes/route-request.ts';
import { serveRoute } from './routes/serve-route.ts';
import { serveNames } from './serve-names.ts';
import type { Upstream } from './upstream.ts';

const TOO_MANY = 'more connections than are recorded one by one';

/** Serves one client connection from its first byte to its end. */
export async function serveConnection(gate: Gate, client: string, socket: Socket): Promise<void> {
  const attempt = new Attempt(gate, client, socket);
  const head = takeHead(attempt, await readFirst(attempt));
  if (!head) return;
  if (head === 'names') return serveNames(attempt);
  const route = gate.routes.find(client, routeName(head));
  if (route) return serveRoute(attempt, head, route);
  const request = readRequest(head);
  if (request.kind === 'refused') return refuseRequest(attempt, request);
  const { target } = request;
  const via = request.kind === 'connect' ? 'connect' : 'http';
  if (!mayLookUp(attempt, target, via)) return;
  const answer = target.kind === 'address' ? { addresses: [target.host] } : gate.names.resolve(target.host);
  const addresses = takeAddresses(attempt, target, via, answer instanceof Promise ? await answer : answer);
  if (!addresses) return;
  const upstream = await dial(addresses, target.port, gate.settings.limits.connectMs, attempt.intake);
  if ('failed' in upstream)
    return attempt.deny(
      { via, host: target.host, port: target.port, detail: upstream.failed },
      { allowed: false, reason: 'upstream-failed' },
    );
  let isPassed = false;
  try {
    if (request.kind === 'connect') {
      attempt.opened();
      isPassed = takeOpening(attempt, target, upstream, await readInside(attempt, target));
    } else isPassed = forward(attempt, request, upstream, via);
  } finally {
    if (!isPassed) upstream.release();
  }
}

/** The first bytes of a connection: a request's head, DNS questions, or undefined for what was refused (and recorded). */
export async function readRequestHead(attempt: Attempt): Promise<Head | 'names' | undefined> {
  return takeHead(attempt, await readFirst(attempt));
}

type First = Head | 'names' | { readonly refused: string };

function readFirst(attempt: Attempt): Promise<First | IntakeFailure> {
  const { headBytes, headMs } = attempt.gate.settings.limits;
  return attempt.intake.read(parseFirst, { maxBytes: headBytes, timeoutMs: headMs, used: lengthOfFirst });
}

function parseFirst(bytes: Buffer): First | undefined {
  return isDnsFrame(bytes) ? 'names' : readHead(bytes);
}

function lengthOfFirst(first: First): number {
  return first !== 'names' && 'length' in first ? first.length : 0;
}

function takeHead(attempt: Attempt, first: First | IntakeFailure): Head | 'names' | undefined {
  if (first === 'names' || 'length' in first) return first;
  // A connection that closes without a word (a port check) is no attempt at anything.
  if ('failed' in first && first.failed === 'closed' && first.bytes === 0) {
    attempt.socket.destroy();
    return undefined;
  }
  const detail = 'failed' in first ? describeFailure(first, 'the request') : first.refused;
  attempt.deny({ via: 'none', host: '', port: 0, detail }, { allowed: false, reason: 'bad-request' });
  return undefined;
}

/** Records and answers a head that is no request which anybody takes. */
export function refuseRequest(attempt: Attempt, request: Extract<GateRequestHead, { kind: 'refused' }>): void {
  attempt.deny(
    { via: 'none', host: plainText(request.written, 255), port: 0, detail: request.detail },
    { allowed: false, reason: request.reason },
  );
}

/** Decides by the name alone, before anything is looked up. False: refused, answered and recorded. */
function mayLookUp(attempt: Attempt, target: Target, via: DecisionEvent['via']): boolean {
  const { gate, client } = attempt;
  const { host, port } = target;
  const verdict = gate.judge(target, client);
  if (verdict.allowed && gate.hasRecordFor(client)) return true;
  if (verdict.allowed) attempt.deny({ via, host, port, detail: TOO_MANY }, { allowed: false, reason: 'limit' });
  else attempt.deny({ via, host, port }, verdict);
  return false;
}

/** Checks every address of the answer. Undefined: refused, answered and recorded. */
function takeAddresses(
  attempt: Attempt,
  { host, port }: Target,
  via: DecisionEvent['via'],
  answer: { readonly addresses: readonly string[] } | { readonly failed: string },
): readonly string[] | undefined {
  if ('failed' in answer) {
    attempt.deny({ via, host, port, detail: answer.failed }, { allowed: false, reason: 'unresolvable' });
    return undefined;
  }
  for (const address of answer.addresses) {
    const judged = attempt.gate.judgeAddress(address, port, attempt.client);
    if (judged.allowed) continue;
    attempt.deny({ via, host, port, address }, judged);
    return undefined;
  }
  return answer.addresses;
}

/** What the client says first inside its tunnel. */
function readInside(attempt: Attempt, { port }: Target): Promise<Opening | IntakeFailure> {
  const { helloBytes, helloMs } = attempt.gate.settings.limits;
  return attempt.intake.read((bytes) => readOpening(bytes, port), { maxBytes: helloBytes, timeoutMs: helloMs, used: lengthOfOpening });
}

/** A CONNECT: what the client says first inside must fit before a byte of it goes upstream. True: the upstream was taken over. */
function takeOpening(attempt: Attempt, target: Target, upstream: Upstream, opening: Opening | IntakeFailure): boolean {
  const about: About = { via: 'connect', host: target.host, port: target.port, address: upstream.address };
  if ('failed' in opening) {
    // A client that only looked whether it may (a probe does) was let through and sent nothing.
    const isLook = opening.failed === 'closed' && opening.bytes === 0;
    if (isLook) return passNow(attempt, target, upstream, { ...about, detail: 'closed before anything was sent' });
    attempt.deny({ ...about, detail: describeFailure(opening, 'the ClientHello') }, { allowed: false, reason: 'not-tls' });
    return false;
  }
  switch (opening.kind) {
    case 'head': {
      const request = readInnerRequest(opening.head, target);
      if (request.kind === 'forward') return forward(attempt, request, upstream, 'connect');
      const reason = request.kind === 'refused' ? request.reason : 'bad-request';
      attempt.deny({ ...about, ...(request.kind === 'refused' ? { detail: request.detail } : {}) }, { allowed: false, reason });
      return false;
    }
    case 'refused':
      return passNow(attempt, target, upstream, { ...about, detail: opening.detail }, attempt.gate.refusalOf('not-tls'));
    case 'hello': {
      const { sni, refused } = checkHello(target, opening.hello);
      const seen: About = sni === undefined ? about : { ...about, sni: sni === target.host ? sni : plainText(sni, 255) };
      if (!refused) return passNow(attempt, target, upstream, seen);
      return passNow(attempt, target, upstream, { ...seen, detail: refused.detail }, attempt.gate.refusalOf(refused.reason));
    }
  }
}

function lengthOfOpening(opening: Opening): number {
  return opening.kind === 'head' ? opening.head.length : 0;
}

/** A plain request: its head is written anew, and nothing but its body follows. */
function forward(
  attempt: Attempt,
  request: Extract<GateRequestHead, { kind: 'forward' }>,
  upstream: Upstream,
  via: DecisionEvent['via'],
): boolean {
  const { target } = request;
  return passNow(attempt, target, upstream, { via, host: target.host, port: target.port, address: upstream.address }, undefined, {
    first: Buffer.from(request.head, 'latin1'),
    cut: bodyCutter(request.body),
  });
}

/** Decides once more, by the policy of this moment, and lets pass (true) or denies. */
function passNow(
  attempt: Attempt,
  target: Target,
  upstream: Upstream,
  about: About,
  opening?: Verdict,
  limitUp?: Parameters<Attempt['pass']>[4],
): boolean {
  const { gate, client } = attempt;
  const named = gate.judge(target, client);
  const dialled = gate.judgeAddress(upstream.address, target.port, client);
  const verdict = strictest(opening ? [named, dialled, opening] : [named, dialled]);
  if (verdict.allowed && gate.takeRecordFor(client)) {
    attempt.pass(target, upstream, about, verdict, limitUp);
    return true;
  }
  if (verdict.allowed) attempt.deny({ ...about, detail: TOO_MANY }, { allowed: false, reason: 'limit' });
  else attempt.deny(about, verdict);
  return false;
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
