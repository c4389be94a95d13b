import { EXIT } from '../../core/exit-code.ts';
import { Problem } from '../../core/problem.ts';
import type { StateAccess } from '../../openclaw/backup/state-archive.ts';
import { gatewayService, nodeService } from '../../services/names.ts';
import type { Deployment } from '../../topology/deployment.ts';
import { siteOf, type Engine } from '../engine.ts';
import type { Site } from '../site.ts';

/** A service that has a state of OpenClaw's own. */
export type Target = { readonly service: string; readonly key: string; readonly host: string; readonly role: 'gateway' | 'node' };

/** Every gateway, then every node. Pure. */
export function targetsOf({ gateways, nodes }: Deployment): readonly Target[] {
  return [
    ...gateways.map(({ name, host }) => ({ service: gatewayService(name), key: name, host, role: 'gateway' }) as const),
    ...nodes.map(({ name, host }) => ({ service: nodeService(name), key: name, host, role: 'node' }) as const),
  ];
}

/** The one that was named, by its key in the file (`nas`) or its service name (`node-nas`). Pure. */
export function findTarget(deployment: Deployment, asked: string): Target {
  const targets = targetsOf(deployment);
  const named = targets.filter((one) => one.service === asked);
  const [found, ...others] = named.length > 0 ? named : targets.filter((one) => one.key === asked);
  if (found && others.length === 0) return found;
  throw new Problem('backup/service', `there is no ${found ? 'one ' : ''}gateway or node "${asked.slice(0, 60)}" in the file`, {
    cause: `it has: ${targets.map((one) => one.service).join(', ')}`,
    fix: `name one of these, e.g. ${targets[0]?.service ?? 'gateway-main'}`,
    exit: EXIT.usage,
  });
}

/** The way to a target's state: through its own sandbox. */
export async function accessTo(engine: Engine, target: Target): Promise<StateAccess & { readonly site: Site }> {
  const site = await siteOf(engine, target);
  const { runtime } = site;
  return { site, service: target.service, once: (service, command, options) => runtime.once(service, command, options) };
}
