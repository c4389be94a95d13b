import { plainText } from '../core/plain-text.ts';
import { Problem } from '../core/problem.ts';
import { gatewayService } from '../services/names.ts';
import type { Change } from './change.ts';
import type { Engine } from './engine.ts';
import { atGateway } from './gateway-door.ts';

/** Gateways that were given a new configuration while they run on. Pure. */
export function rereading(engine: Pick<Engine, 'deployment'>, changes: readonly Change[]): readonly string[] {
  return engine.deployment.gateways
    .filter(({ name, host }) => {
      const mine = changes.filter((change) => change.host === host && 'service' in change && change.service === gatewayService(name));
      const isGiven = mine.some((change) => change.kind === 'write-file' && change.effect === 'hot');
      return isGiven && !mine.some((change) => change.kind === 'start-service');
    })
    .map(({ name }) => name);
}

/** Throws when a gateway does not take its new configuration: it would go on with the one before, and nobody would know. */
export async function refuseUntaken(engine: Engine, changes: readonly Change[]): Promise<void> {
  await Promise.all(
    rereading(engine, changes).map(async (name) => {
      const { valid, issues = [] } = await atGateway(engine, name, (rpc) => rpc.configState());
      if (valid) return;
      const [first] = issues;
      throw new Problem('converge/config-refused', `gateway ${name} does not take its new configuration`, {
        cause: first ? plainText(`${first.path ?? ''}: ${first.message}`, 300) : 'OpenClaw calls it invalid',
        fix: 'look at what changed in lobsterpot.yaml, and at what OpenClaw says: lobsterpot logs ' + name,
      });
    }),
  );
}
