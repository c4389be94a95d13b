import { join } from 'node:path';

import { gatewayTokenName, linkKeyName } from '../services/names.ts';
import { recordsOf, type Engine } from './engine.ts';
import { atGateway } from './gateway-door.ts';
import { withdrawFrom } from './links.ts';
import { writeRecords } from './records.ts';
import type { Site } from './site.ts';

/** Has the gateways forget a node that the file names no more, and forgets it and the key of its tunnel here. */
export async function forgetNode(engine: Engine, name: string): Promise<void> {
  const records = await recordsOf(engine);
  const { [name]: gone, ...nodes } = records.nodes;
  const present = new Set(await engine.store.names());
  for (const gateway of engine.deployment.gateways.filter((one) => present.has(gatewayTokenName(one.name)))) {
    await atGateway(engine, gateway.name, async (rpc) => {
      const { paired } = await rpc.devices();
      if (gone && paired.some((one) => one.deviceId === gone.deviceId)) await rpc.removeDevice(gone.deviceId);
    });
  }
  await engine.local.remove(join(engine.root, 'secrets', linkKeyName(name)));
  await writeRecords(engine.local, engine.root, { ...records, nodes });
}

/** Takes the keys back that an account holds for this deployment. */
export async function withdraw(engine: Engine, account: { readonly host: string; readonly user: string }): Promise<void> {
  await withdrawFrom(engine, account);
  const records = await recordsOf(engine);
  const accounts = records.accounts.filter(({ host, user }) => host !== account.host || user !== account.user);
  await writeRecords(engine.local, engine.root, { ...records, accounts });
}

/** Stops and removes everything that runs on a host which the file names no more. Its files stay there, without secrets. */
export async function leaveHost(engine: Engine, site: Site): Promise<void> {
  await site.runtime.shutdown();
  const records = await recordsOf(engine);
  const { [site.name]: _left, ...hosts } = records.hosts;
  await writeRecords(engine.local, engine.root, { ...records, hosts });
  engine.forgetSites();
}
