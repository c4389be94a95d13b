import { compile } from '../services/compile.ts';
import { gatewaySecrets } from '../topology/channels.ts';
import type { Deployment } from '../topology/deployment.ts';
import type { Engine } from './engine.ts';

export type SecretRow = { readonly name: string; readonly setAtMs?: number; readonly users: readonly string[] };

/** Every secret that the file names or the store holds; never a value. */
export async function listSecrets(engine: Engine): Promise<readonly SecretRow[]> {
  const users = secretUsers(engine.deployment);
  const names = [...new Set([...users.keys(), ...(await engine.store.names())])].toSorted();
  return Promise.all(
    names.map(async (name) => {
      const setAtMs = await engine.store.setAt(name);
      return { name, ...(setAtMs === undefined ? {} : { setAtMs }), users: users.get(name) ?? [] };
    }),
  );
}

/** Secret name -> the services that read it once every secret has a value. Pure. */
export function secretUsers(deployment: Deployment): ReadonlyMap<string, readonly string[]> {
  const every = deployment.gateways.flatMap(gatewaySecrets);
  const services = compile(deployment, { gateBundle: '', presentSecrets: new Set(every), deviceIds: new Map() });
  const users = new Map<string, string[]>();
  for (const service of services) {
    for (const secret of service.secrets) users.set(secret.name, [...(users.get(secret.name) ?? []), service.name]);
  }
  return users;
}
