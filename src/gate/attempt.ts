import type { Socket } from 'node:net';
import type { Target, Verdict } from '../policy/policy.ts';
import type { DecisionEvent } from '../policy/trail-line.ts';
import { renderDenial, tlsAlert } from './denial.ts';
import type { Upstream } from './dial.ts';
import type { Gate } from './gate.ts';
import { Intake } from './intake.ts';
import { relay } from './relay.ts';
import type { Tunnel } from './tunnels.ts';

/** What a decision is about. */
export type About = Pick<DecisionEvent, 'via' | 'host' | 'port' | 'address' | 'sni' | 'detail'>;

const DONE = Promise.resolve();
const NO_HEAD: readonly Uint8Array[] = [];

/** One connection of a client on its way through the gate: it ends in exactly one denial or one passage. */
export class Attempt {
  readonly gate: Gate;
  readonly client: string;
  readonly socket: Socket;
  readonly intake: Intake;
  /** After the 200 of a CONNECT there is nobody left to read an HTTP answer. */
  #isOpened = false;

  constructor(gate: Gate, client: string, socket: Socket) {
    this.gate = gate;
    this.client = client;
    this.socket = socket;
    this.intake = new Intake(socket);
  }

  /** Answers the CONNECT. */
  opened(): void {
    this.#isOpened = true;
    this.socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
  }

  /** Records the denial first, then tells the client: in the gate's own words, or in `answer`. */
  deny(about: About, verdict: Verdict, answer?: string): void {
    const { reason, rule } = verdict;
    this.gate.record({ kind: 'decision', client: this.client, verdict: 'deny', reason, ...(rule === undefined ? {} : { rule }), ...about });
    if (answer === undefined) this.#answer(about, verdict);
    else this.endWith(answer);
  }

  /** Records that it passes; undefined when that failed and nothing may pass unrecorded. */
  allow(about: About, verdict: Verdict): number | 'unrecorded' | undefined {
    const { reason, rule, would } = verdict;
    return this.gate.record({
      kind: 'decision',
      client: this.client,
      verdict: 'allow',
      reason,
      ...(would === undefined ? {} : { would }),
      ...(rule === undefined ? {} : { rule }),
      ...about,
    });
  }

  #answer(about: About, verdict: Verdict): void {
    const { host, port, detail } = about;
    const denial = { policy: this.gate.policyName(this.client), host, port, verdict, ...(detail === undefined ? {} : { detail }) };
    this.endWith(this.#isOpened ? tlsAlert() : renderDenial(denial));
  }

  /** The last word to this client. */
  endWith(answer: string | Buffer): void {
    this.socket.end(answer);
    // Whoever keeps sending after a denial is cut off; whoever reads has the answer by then.
    this.intake.release();
    this.socket.resume();
    setTimeout(() => this.socket.destroy(), 1000).unref();
  }

  /** Records that it passes, carries it until it ends, and records that. */
  pass(
    target: Target,
    upstream: Upstream,
    about: About,
    verdict: Verdict,
    limitUp?: { readonly first: Buffer; readonly cut: (bytes: Uint8Array) => Uint8Array | undefined },
  ): Promise<void> {
    const seq = this.allow(about, verdict);
    if (seq === undefined) {
      this.#answer(about, { allowed: false, reason: 'no-audit' });
      return DONE;
    }
    const sinceMs = performance.now();
    const count = { up: 0, down: 0, lastMs: sinceMs };
    const destroy = (): void => void [this.socket.destroy(), upstream.socket.destroy()];
    const tunnel: Tunnel = {
      id: this.gate.tunnels.nextId(),
      client: this.client,
      target,
      address: upstream.address,
      count,
      sinceMs,
      destroy,
    };
    this.gate.tunnels.add(tunnel);
    const { rest, ended } = this.intake.release();
    const bytes = { first: rest, clientEnded: ended, count };
    const carried = relay(
      this.socket,
      upstream,
      limitUp ? { ...bytes, head: [limitUp.first], limitUp: limitUp.cut } : { ...bytes, head: NO_HEAD },
    );
    return carried.then((why) => {
      this.gate.tunnels.remove(tunnel);
      this.gate.ended({
        of: seq === 'unrecorded' ? 0 : seq,
        client: this.client,
        host: target.host,
        port: target.port,
        up: count.up,
        down: count.down,
        ms: Math.round(performance.now() - sinceMs),
        why: tunnel.ended ?? why,
      });
    });
  }
}
