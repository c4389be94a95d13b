import { LAB } from './addresses.ts';
import { OTHER_HOSTS } from './provider-keys.ts';

/** `same`: always these addresses, to be kept for `ttl` seconds (default: 0). `turns`: the next list at each question, the last one from then on (rebinding). */
export type Answer =
  | { readonly kind: 'same'; readonly addresses: readonly string[]; readonly ttl?: number | undefined }
  | { readonly kind: 'turns'; readonly turns: readonly (readonly string[])[] };

const same = (...addresses: readonly string[]): Answer => ({ kind: 'same', addresses });

/** Every name the lab's resolver knows; `*.x` covers the sub-domains of x. Tests add more through the lab client. */
export const ZONE: Readonly<Record<string, Answer>> = {
  'api.anthropic.com': same(LAB.model),
  'anthropic.com': same(LAB.modelSibling),
  '*.anthropic.com': same(LAB.modelSibling),
  [OTHER_HOSTS.openai]: same(LAB.otherModels),
  [OTHER_HOSTS.openrouter]: same(LAB.otherModels),
  [OTHER_HOSTS.google]: same(LAB.otherModels),
  'api.telegram.org': same(LAB.telegram),
  'worker.lab.test': same(LAB.peer),
  'friendly.test': same(LAB.friendly),
  'evil.test': same(LAB.hostile),
  '*.evil.test': same(LAB.hostile),
  'notapi.anthropic.com': same(LAB.hostile),
  'private.lab.test': same(LAB.lanNeighbour),
  'host.lab.test': same(LAB.host),
  'loopback.lab.test': same('127.0.0.1'),
  'loopback6.lab.test': same('::1'),
  'metadata.lab.test': same(LAB.metadata),
  'mixed.lab.test': same(LAB.friendly, LAB.lanNeighbour),
  'rebind.lab.test': { kind: 'turns', turns: [[LAB.friendly], ['127.0.0.1']] },
};

/** Answers by name and keeps the turn of the changing ones. */
export class Zone {
  readonly #answers = new Map<string, Answer>(Object.entries(ZONE));
  readonly #asked = new Map<string, number>();

  set(name: string, answer: Answer): void {
    this.#answers.set(name.toLowerCase(), answer);
    this.#asked.delete(name.toLowerCase());
  }

  /** undefined: no such name. A question for AAAA does not use up a turn, because programs ask for both at once. */
  addresses(name: string, type: string): readonly string[] | undefined {
    const key = this.#find(name);
    const answer = key === undefined ? undefined : this.#answers.get(key);
    if (key === undefined || answer === undefined) return undefined;
    switch (answer.kind) {
      case 'same':
        return answer.addresses;
      case 'turns': {
        const turn = this.#asked.get(key) ?? 0;
        if (type === 'A') this.#asked.set(key, turn + 1);
        return answer.turns[Math.min(turn, answer.turns.length - 1)] ?? [];
      }
    }
  }

  /** For how many seconds the answer holds: by default each look-up is asked anew, which is what a rebinding test needs. */
  ttl(name: string): number {
    const answer = this.#answers.get(this.#find(name) ?? '');
    return answer?.kind === 'same' ? (answer.ttl ?? 0) : 0;
  }

  #find(name: string): string | undefined {
    if (this.#answers.has(name)) return name;
    const labels = name.split('.');
    for (let from = 1; from < labels.length; from += 1) {
      const wildcard = `*.${labels.slice(from).join('.')}`;
      if (this.#answers.has(wildcard)) return wildcard;
    }
    return undefined;
  }
}
