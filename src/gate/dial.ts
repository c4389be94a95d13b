import { reasonOf } from '../core/problem.ts';
import type { Intake } from './intake.ts';
import { Upstream, type UpstreamUser } from './upstream.ts';

/** Dials the addresses in order until one answers or the client goes away. They are literals: nothing is looked up here. */
export function dial(
  addresses: readonly string[],
  port: number,
  timeoutMs: number,
  client: Intake,
): Promise<Upstream | { readonly failed: string }> {
  return new Promise((resolve) => new Dialling({ addresses, port, timeoutMs, client, resolve }).next('no address to dial'));
}

type Plan = {
  readonly addresses: readonly string[];
  readonly port: number;
  readonly timeoutMs: number;
  readonly client: Intake;
  readonly resolve: (dialled: Upstream | { readonly failed: string }) => void;
};

class Dialling implements UpstreamUser {
  readonly #plan: Plan;
  readonly #endsAtMs: number;
  #index = 0;
  #upstream: Upstream | undefined;
  #limit: NodeJS.Timeout | undefined;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#endsAtMs = performance.now() + plan.timeoutMs;
  }

  /** Tries the next address; `last`: what became of the one before. */
  next(last: string): void {
    const { addresses, port, client, resolve } = this.#plan;
    const leftMs = this.#endsAtMs - performance.now();
    const address = addresses[this.#index];
    if (client.socket.destroyed) return resolve({ failed: 'the client went away' });
    if (address === undefined || leftMs <= 0) return resolve({ failed: last });
    const share = leftMs / (addresses.length - this.#index);
    this.#index += 1;
    this.#limit = setTimeout(() => this.#fail('no answer within the time limit'), share);
    this.#upstream = Upstream.take();
    client.onGone = () => this.#fail('the client went away');
    this.#upstream.connect(address, port, this);
  }

  onConnect(): void {
    const upstream = this.#settle();
    if (upstream) this.#plan.resolve(upstream);
  }

  onError(error: Error): void {
    this.#fail(reasonOf(error));
  }

  onBytes(): boolean {
    return false;
  }

  onEnd(): void {}
  onDrain(): void {}
  onClose(): void {}

  #fail(why: string): void {
    const upstream = this.#settle();
    if (!upstream) return;
    upstream.release();
    this.next(why);
  }

  /** What was being dialled, once. */
  #settle(): Upstream | undefined {
    const upstream = this.#upstream;
    this.#upstream = undefined;
    clearTimeout(this.#limit);
    this.#plan.client.onGone = undefined;
    return upstream;
  }
}
