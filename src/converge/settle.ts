import { until } from '../core/wait.ts';
import { linkService } from '../services/names.ts';
import type { Change } from './change.ts';
import type { Desired } from './diff.ts';
import { siteOf, type Engine } from './engine.ts';

const SETTLE_MS = 20_000;
const ASK_EVERY_MS = 500;

type Place = { readonly host: string; readonly name: string };

/** What only passes connections on to a gateway that was just started anew, and was itself left running: its health is the gateway's. Pure. */
export function followersOf(changes: readonly Change[], desired: Pick<Desired, 'services' | 'nodes'>): readonly Place[] {
  const started = changes.flatMap((change) => (change.kind === 'start-service' ? [{ host: change.host, name: change.service }] : []));
  const isStarted = (one: Place): boolean => started.some(({ host, name }) => host === one.host && name === one.name);
  const gateways = desired.services.filter((one) => one.role === 'gateway' && isStarted(one));
  const links = new Set(
    desired.nodes.filter((node) => gateways.some((one) => one.name === node.gateway)).map((node) => linkService(node.name)),
  );
  return desired.services
    .filter((one) => !isStarted(one))
    .filter(({ role, host, name, after }) => {
      if (role === 'link') return links.has(name);
      return role === 'ingress' && gateways.some((gateway) => gateway.host === host && after.includes(gateway.name));
    })
    .map(({ host, name }) => ({ host, name }));
}

/** Gives them a moment to see that it is back: whoever looked at once would start them anew for nothing. */
export async function settle(engine: Engine, changes: readonly Change[], desired: Desired): Promise<void> {
  await Promise.all(
    followersOf(changes, desired).map(async ({ host, name }) => {
      const { runtime } = await siteOf(engine, { host });
      const isHealthy = async (): Promise<true | undefined> =>
        (await runtime.observe()).some((one) => one.name === name && one.state === 'healthy') ? true : undefined;
      // One that does not become so is started anew by the next round, as ever.
      await until(isHealthy, { timeoutMs: SETTLE_MS, everyMs: ASK_EVERY_MS });
    }),
  );
}
