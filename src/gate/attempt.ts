import type { Socket } from 'node:net';
import type { Target, Verdict } from '../policy/policy.ts';
import type { DecisionEvent } from '../policy/trail-line.ts';
import { renderDenial, tlsAlert } from './denial.ts';
import type { Gate } from './gate.ts';
import { Intake } from './intake.ts';
import { Relay } from './relay.ts';
import type { Tunnel } from './tunnels.ts';
import type { Upstream } from './upstream.ts';

/** What a decision is about. */
export type About = Pick<DecisionEvent, 'via' | 'host' | 'port' | 'address' | 'sni' | 'detail'>;

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
    return this.gate.record(passageOf(this.client, about, verdict));
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

  /** Takes the upstream over: records that it passes, carries it until it ends, and records that. */
  pass(
    target: Target,
    upstream: Upstream,
    about: About,
    verdict: Verdict,
    limitUp?: { readonly first: Buffer; readonly cut: (bytes: Uint8Array) => Uint8Array | undefined },
  ): void {
    const { gate, client, intake } = this;
    const sinceMs = performance.now();
    const count = { up: 0, down: 0, lastMs: sinceMs };
    let relay: Relay | undefined;
    const tunnel: Tunnel = {
      id: gate.tunnels.nextId(),
      client,
      target,
      address: upstream.address,
      count,
      sinceMs,
      destroy: () => (relay ?? this.socket).destroy(),
    };
    const over = (of: number | 'unrecorded', why: 'closed' | 'error'): void => {
      gate.tunnels.remove(tunnel);
      gate.ended({
        of: of === 'unrecorded' ? 0 : of,
        client,
        host: target.host,
        port: target.port,
        up: count.up,
        down: count.down,
        ms: Math.round(performance.now() - sinceMs),
        why: tunnel.ended ?? why,
      });
    };
    // Before the record is written: what ends it until then ends it.
    gate.tunnels.add(tunnel);
    gate.recordPassage(passageOf(client, about, verdict), (seq) => {
      if (seq === undefined) {
        gate.tunnels.remove(tunnel);
        upstream.release();
        return this.#answer(about, { allowed: false, reason: 'no-audit' });
      }
      // The record that it was written with may be the one of a new policy, whose turn to end tunnels comes only then.
      if (!gate.allowsTunnel(tunnel)) tunnel.ended ??= 'policy';
      if (tunnel.ended) {
        upstream.release();
        this.socket.destroy();
        return over(seq, 'closed');
      }
      relay = new Relay(intake, upstream, {
        count,
        ...(limitUp ? { head: limitUp.first, limitUp: limitUp.cut } : {}),
        onOver: (why) => over(seq, why),
      });
      relay.start();
    });
  }
}

function passageOf(client: string, about: About, { reason, rule, would }: Verdict): DecisionEvent {
  return {
    kind: 'decision',
    client,
    verdict: 'allow',
    reason,
    ...(would === undefined ? {} : { would }),
    ...(rule === undefined ? {} : { rule }),
    ...about,
  };
}
