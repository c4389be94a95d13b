import * as z from 'zod/mini';

import { ASK_MS, mustDocker, type DockerEngine } from './engine.ts';
import { LABELS, networkName } from './layout.ts';
import type { Attachment } from './networks.ts';
import { numberOf, parseNetwork } from './subnet.ts';

const seen = z.array(
  z.object({
    Name: z.string(),
    IPAM: z.object({ Config: z.nullable(z.array(z.object({ Subnet: z.optional(z.string()) }))) }),
    Containers: z.nullable(z.record(z.string(), z.unknown())),
  }),
);

/** A network of the deployment as the engine has it. */
export type SeenNetwork = { readonly name: string; readonly subnet: string; readonly containers: readonly string[] };

/**
 * Those that stand in the way of a service's networks: under the name of one and elsewhere, or in its place under another name.
 * Both come when the subnet is another one, or one more network took a place. Pure.
 */
export function staleNetworks(deployment: string, wanted: readonly Attachment[], networks: readonly SeenNetwork[]): readonly SeenNetwork[] {
  return networks.filter(({ name, subnet }) =>
    wanted.some(({ key, address }) => (name === networkName(deployment, key)) !== contains(subnet, address)),
  );
}

/** Removes them, so that Compose can make what is wanted: it says only that a network differs. */
export async function removeStaleNetworks(engine: DockerEngine, deployment: string, wanted: readonly Attachment[]): Promise<void> {
  for (const { name, containers } of staleNetworks(deployment, wanted, await deploymentNetworks(engine, deployment))) {
    // Whoever is still in it has another specification now and is made anew next.
    for (const id of containers)
      await mustDocker(engine, ['network', 'disconnect', '--force', name, id], `leave ${name}`, { timeoutMs: ASK_MS });
    await mustDocker(engine, ['network', 'rm', name], `remove the network ${name}`, { timeoutMs: ASK_MS });
  }
}

/** Every network of the deployment. */
export async function deploymentNetworks(engine: DockerEngine, deployment: string): Promise<readonly SeenNetwork[]> {
  const filter = `--filter=label=${LABELS.deployment}=${deployment}`;
  const listed = await mustDocker(engine, ['network', 'ls', '--quiet', '--no-trunc', filter], 'list the networks', { timeoutMs: ASK_MS });
  const ids = listed.split('\n').filter((line) => line !== '');
  if (ids.length === 0) return [];
  const text = await mustDocker(engine, ['network', 'inspect', ...ids], 'look at the networks', { timeoutMs: ASK_MS });
  return seen.parse(JSON.parse(text)).map(({ Name, IPAM, Containers }) => ({
    name: Name,
    subnet: IPAM.Config?.[0]?.Subnet ?? '',
    containers: Object.keys(Containers ?? {}),
  }));
}

function contains(subnet: string, address: string): boolean {
  const network = parseNetwork(subnet);
  const number = numberOf(address);
  return network !== undefined && number !== undefined && number >= network.first && number < network.first + 2 ** (32 - network.prefix);
}
