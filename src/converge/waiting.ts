import type { Deployment } from '../topology/deployment.ts';

/** A part of a gateway that the file names and that is left out until its secret has a value. */
export type Waiting = {
  readonly gateway: string;
  readonly part: 'model' | 'memory search' | 'telegram' | `a2a peer ${string}`;
  readonly secret: string;
};

/** What waits for a secret, in the order of the file. Pure. */
export function waitingFor(deployment: Deployment, present: ReadonlySet<string>): readonly Waiting[] {
  return deployment.gateways
    .flatMap(({ name, model, memory, channels }): readonly Waiting[] => [
      ...(model ? [{ gateway: name, part: 'model', secret: model.apiKey.secret } as const] : []),
      // One key for both is told once.
      ...(memory && memory.search.apiKey.secret !== model?.apiKey.secret
        ? [{ gateway: name, part: 'memory search', secret: memory.search.apiKey.secret } as const]
        : []),
      ...(channels?.telegram ? [{ gateway: name, part: 'telegram', secret: channels.telegram.botToken.secret } as const] : []),
      ...(channels?.a2a?.peers ?? []).map((peer) => ({ gateway: name, part: `a2a peer ${peer.name}`, secret: peer.token.secret }) as const),
    ])
    .filter(({ secret }) => !present.has(secret));
}
