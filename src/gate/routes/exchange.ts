import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { reasonOf } from '../../core/problem.ts';
import type { Verdict } from '../../policy/policy.ts';
import type { Attempt } from '../attempt.ts';
import { BodyMeter } from '../body-meter.ts';
import type { Tunnel } from '../tunnels.ts';
import { answerHead, errorAnswer, judgeAnswer } from './route-answer.ts';
import type { RouteRequest } from './route-request.ts';
import { RefusedAddress, type Route, Unresolvable } from './routes.ts';
import { type Metered, meter } from './budget/metered.ts';
import { node } from './node-modules.ts';
import { UsageReader } from './usage/usage-reader.ts';

const NOTHING: Metered = { tokens: 0, usd: 0 };

type Ask = Extract<RouteRequest, { kind: 'ask' }>;

/** One request to a provider and its answer, carried piece by piece as they come. */
export class Exchange {
  readonly #attempt: Attempt;
  readonly #route: Route;
  readonly #request: Ask;
  readonly #count = { up: 0, down: 0, lastMs: performance.now() };
  readonly #sinceMs = performance.now();
  #upstream: ClientRequest | undefined;
  #tunnel: Tunnel | undefined;
  #seq = 0;
  #status = 0;
  #usage: UsageReader | undefined;
  /** A part of the answer is with the client: what fails from here on is told by breaking off. */
  #hasBegun = false;
  #limit: NodeJS.Timeout | undefined;
  #over: () => void = () => {};

  constructor(attempt: Attempt, route: Route, request: Ask) {
    this.#attempt = attempt;
    this.#route = route;
    this.#request = request;
  }

  /** Ends when the client has its answer, or is gone. */
  run(key: string, verdict: Verdict): Promise<void> {
    const { socket, gate } = this.#attempt;
    return new Promise((resolve) => {
      this.#over = resolve;
      const upstream = this.#ask(key);
      this.#upstream = upstream;
      upstream.on('socket', (dialled) => this.#onSocket(dialled, verdict));
      upstream.on('response', (answer) => this.#onAnswer(answer));
      upstream.on('error', (error) => {
        const status = error instanceof RefusedAddress ? 400 : 502;
        this.#fail(status, `${this.#route.target.host} cannot be asked: ${reasonOf(error)}`, error);
      });
      socket.once('close', () => this.#end('closed'));
      if (socket.destroyed) return this.#end('closed');
      const { routeFirstMs } = gate.settings.limits;
      this.#limit = setTimeout(() => this.#fail(504, 'the provider did not answer within the time limit'), routeFirstMs);
    });
  }

  #ask(key: string): ClientRequest {
    const { target, pool, settings } = this.#route;
    const { endpoint, fields, body, pathWith } = this.#request;
    const { credential } = settings.provider;
    const framing =
      body.kind === 'chunked' ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(body.kind === 'length' ? body.bytes : 0) };
    return node.http().request({
      agent: pool,
      host: target.host,
      port: target.port,
      method: endpoint.method,
      path: pathWith(key),
      headers: {
        host: target.port === 443 ? target.host : `${target.host}:${target.port}`,
        ...fields,
        // What is compressed could not be counted.
        'accept-encoding': 'identity',
        ...(credential.in === 'header' ? { [credential.name]: `${credential.prefix}${key}` } : {}),
        ...(endpoint.method === 'GET' && body.kind === 'none' ? {} : framing),
      },
    });
  }

  /** Nothing was sent so far: the record of the passage comes first. */
  #onSocket(dialled: Socket, verdict: Verdict): void {
    const { gate, client } = this.#attempt;
    const { host, port } = this.#route.target;
    const address = dialled.remoteAddress ?? '';
    // A connection that was kept was checked when it was made: the policy may be another one now.
    const judged = gate.judgeAddress(address, port, client);
    if (!judged.allowed) return this.#fail(400, 'the policy refuses the address of the provider', new RefusedAddress(address, judged));
    if (!gate.takeRecordFor(client)) return this.#fail(503, 'more requests than are recorded one by one');
    const { name } = this.#request.endpoint;
    const seq = this.#attempt.allow(
      { via: 'route', host, port, address, detail: `${this.#route.settings.provider.name}: ${name}` },
      verdict,
    );
    if (seq === undefined) return this.#fail(503, 'what cannot be recorded is not asked');
    this.#seq = seq === 'unrecorded' ? 0 : seq;
    this.#tunnel = {
      id: gate.tunnels.nextId(),
      client,
      target: this.#route.target,
      address,
      count: this.#count,
      sinceMs: this.#sinceMs,
      destroy: () => this.#attempt.socket.destroy(),
    };
    gate.tunnels.add(this.#tunnel);
    this.#sendBody();
  }

  #sendBody(): void {
    const { socket, intake, gate } = this.#attempt;
    const upstream = this.#upstream;
    if (!upstream || this.#isOver()) return;
    const meter = new BodyMeter(this.#request.body, (content) => {
      this.#count.up += content.length;
      upstream.write(content);
    });
    let isDone = false;
    const take = (bytes: Uint8Array): void => {
      // Read on without a use for it: else nobody would notice that the client goes away.
      if (isDone) return;
      const measured = meter.measure(bytes);
      if ('refused' in measured) return this.#fail(400, measured.refused);
      if (this.#count.up > gate.settings.limits.routeBodyBytes) return this.#fail(413, 'the body is too long');
      this.#limit?.refresh();
      if (measured.done) isDone = true;
      if (isDone) upstream.end();
      else if (upstream.writableNeedDrain) socket.pause();
    };
    upstream.on('drain', () => socket.resume());
    const { rest, ended } = intake.release();
    socket.on('data', take);
    socket.on('end', () => this.#end('closed'));
    take(rest);
    if (ended) this.#end('closed');
    else if (!upstream.writableNeedDrain || isDone) socket.resume();
  }

  #onAnswer(answer: IncomingMessage): void {
    if (this.#isOver()) return;
    const { socket, gate } = this.#attempt;
    this.#status = answer.statusCode ?? 0;
    const judged = judgeAnswer(this.#status, this.#route.settings);
    if (judged.kind === 'instead') return this.#fail(judged.status, judged.message);
    const length = Number(answer.headers['content-length'] ?? Number.NaN);
    const body = Number.isSafeInteger(length) ? length : 'chunked';
    clearTimeout(this.#limit);
    this.#limit = setTimeout(() => this.#end('idle'), gate.settings.limits.routeStallMs);
    this.#hasBegun = true;
    this.#usage = new UsageReader(this.#route.settings.provider.usage, answer.headers['content-type']);
    socket.write(answerHead(this.#status, answer.headers, body));
    answer.on('data', (piece: Buffer) => {
      this.#count.down += piece.length;
      this.#count.lastMs = performance.now();
      this.#limit?.refresh();
      this.#usage?.feed(piece);
      if (!this.#send(piece, body === 'chunked')) answer.pause();
    });
    socket.on('drain', () => answer.resume());
    answer.on('end', () => {
      if (!answer.complete) return this.#end('error');
      if (body === 'chunked') socket.write('0\r\n\r\n');
      this.#finish('closed');
      socket.end();
      closeLater(this.#attempt, gate.settings.limits.routeStallMs);
    });
    answer.on('error', () => this.#end('error'));
    answer.on('aborted', () => this.#end('error'));
  }

  #send(piece: Buffer, isChunked: boolean): boolean {
    const { socket } = this.#attempt;
    if (!isChunked) return socket.write(piece);
    // One packet a piece: the client sees each as soon as the provider sent it.
    socket.cork();
    socket.write(`${piece.length.toString(16)}\r\n`);
    socket.write(piece);
    const hasRoom = socket.write('\r\n');
    socket.uncork();
    return hasRoom;
  }

  /** Tells the client what went wrong, if it has heard nothing yet. */
  #fail(status: number, message: string, error?: Error): void {
    if (this.#isOver()) return;
    if (this.#hasBegun) return this.#end('error');
    const { provider } = this.#route.settings;
    const answer = errorAnswer(provider, status, `the gate: ${message}`);
    if (this.#tunnel) {
      this.#finish('error');
      this.#upstream?.destroy();
      return this.#attempt.endWith(answer);
    }
    const { host, port } = this.#route.target;
    const address = error instanceof RefusedAddress ? { address: error.address } : {};
    const verdict: Verdict =
      error instanceof RefusedAddress
        ? error.verdict
        : { allowed: false, reason: error instanceof Unresolvable ? 'unresolvable' : status === 503 ? 'limit' : 'upstream-failed' };
    this.#attempt.deny({ via: 'route', host, port, detail: message, ...address }, verdict, answer);
    this.#finish('error');
    this.#upstream?.destroy();
  }

  /** Breaks off: whatever is not with the client now does not reach it any more. */
  #end(why: 'closed' | 'idle' | 'error'): void {
    if (this.#isOver()) return;
    this.#finish(why);
    this.#upstream?.destroy();
    this.#attempt.socket.destroy();
  }

  #isFinished = false;

  #isOver(): boolean {
    return this.#isFinished;
  }

  #finish(why: 'closed' | 'idle' | 'error'): void {
    this.#isFinished = true;
    clearTimeout(this.#limit);
    const { gate, client } = this.#attempt;
    const { host, port } = this.#route.target;
    const tunnel = this.#tunnel;
    if (tunnel) {
      gate.tunnels.remove(tunnel);
      const { provider, budget } = this.#route.settings;
      const cost = meter(provider, this.#usage?.end(), { status: this.#status, ...this.#count }, budget?.prices);
      gate.routes.charge(this.#route, cost ?? NOTHING);
      gate.ended({
        of: this.#seq,
        client,
        host,
        port,
        up: this.#count.up,
        down: this.#count.down,
        ms: Math.round(performance.now() - this.#sinceMs),
        why: tunnel.ended ?? why,
        ...(this.#status === 0 ? {} : { status: this.#status }),
        ...cost,
      });
    }
    this.#over();
  }
}

/** Whoever has read everything is let go; who reads nothing for long is cut off. */
function closeLater({ socket }: Attempt, limitMs: number): void {
  const limit = setTimeout(() => socket.destroy(), limitMs).unref();
  socket.once('finish', () => setTimeout(() => socket.destroy(), 1000).unref());
  socket.once('close', () => clearTimeout(limit));
}
