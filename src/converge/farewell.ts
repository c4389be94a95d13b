import { join } from 'node:path';

import { gatewayTokenName, linkKeyName } from '../services/names.ts';
import { recordsOf, updateRecords, type Engine } from './engine.ts';
import { atGateway } from './gateway-door.ts';
import { withdrawFrom } from './links.ts';
import type { Site } from './site.ts';

/** Has the gateways forget a node that the file names no more, and forgets it and the key of its tunnel here. */
export async function forgetNode(engine: Engine, name: string): Promise<void> {
  const records = await recordsOf(engine);
  const gone = records.nodes[name];
  const present = new Set(await engine.store.names());
  for (const gateway of engine.deployment.gateways.filter((one) => present.has(gatewayTokenName(one.name)))) {
    await atGateway(engine, gateway.name, async (rpc) => {
      const { paired } = await rpc.devices();
      if (gone && paired.some((one) => one.deviceId === gone.deviceId)) await rpc.removeDevice(gone.deviceId);
    });
  }
  await engine.local.remove(join(engine.root, 'secrets', linkKeyName(name)));
  await updateRecords(engine, (current) => {
    const { [name]: _gone, ...nodes } = current.nodes;
    return { ...current, nodes };
  });
}

/** Has a gateway forget a device that the file does not name. */
export async function forgetDevice(
  engine: Engine,
  { gateway, device }: { readonly gateway: string; readonly device: string },
): Promise<void> {
  await atGateway(engine, gateway, (rpc) => rpc.removeDevice(device));
}

/** Takes the keys back that an account holds for this deployment. */
export async function withdraw(engine: Engine, account: { readonly host: string; readonly user: string }): Promise<void> {
  await withdrawFrom(engine, account);
  await updateRecords(engine, (records) => ({
    ...records,
    accounts: records.accounts.filter(({ host, user }) => host !== account.host || user !== account.user),
  }));
}

/** Stops and removes everything that runs on a host which the file names no more. Its files stay there, without secrets. */
export async function leaveHost(engine: Engine, site: Site): Promise<void> {
  await site.runtime.shutdown();
  await updateRecords(engine, (records) => {
    const { [site.name]: _left, ...hosts } = records.hosts;
    return { ...records, hosts };
  });
  engine.forgetSites();
}
