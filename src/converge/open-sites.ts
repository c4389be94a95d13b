import { join } from 'node:path';

import type { Host } from '../hosts/host.ts';
import { sshHost } from '../hosts/ssh/ssh-host.ts';
import { readHostKeys } from '../link/host-keys.ts';
import type { Deployment, HostEntry } from '../topology/deployment.ts';
import { dockerSite } from './docker-site.ts';
import type { Engine } from './engine.ts';
import { processSite } from './process-site.ts';
import { noRecords, readRecords } from './records.ts';
import type { HostRecord, Site } from './site.ts';

/** Opens every host of the file that something runs on, side by side: what it is, and the runtime for its services. */
export async function openSites(engine: Engine, data: string): Promise<ReadonlyMap<string, Site>> {
  const { deployment } = engine;
  // Damaged records are told of by the commands that need them; `down` does not.
  const { hosts: records } = (await readRecords(engine.local, engine.root).catch(() => undefined)) ?? noRecords(engine.file);
  const used = deployment.hosts.filter((host) => servicesOn(deployment, host.name).length > 0);
  const sites = await Promise.all(used.map((host) => openSite(engine, host, records[host.name] ?? {}, data)));
  return new Map(sites.map((site) => [site.name, site]));
}

async function openSite(engine: Engine, host: HostEntry, record: HostRecord, data: string): Promise<Site> {
  const { deployment, local, root } = engine;
  const machine: Host = host.connect.kind === 'ssh' ? sshHost({ name: host.name, connect: host.connect }) : { ...local, name: host.name };
  const services = servicesOn(deployment, host.name);
  const site = services.some((one) => one.runtime === 'docker')
    ? await dockerSite({
        deployment,
        host,
        machine,
        record,
        root: ({ home }) =>
          host.connect.kind === 'local' ? join(root, 'docker') : join(home ?? '/', '.local/state/lobsterpot', deployment.name),
      })
    : processSite({ deployment, host, machine, root, data, services });
  const hostKeys = isLinkedTo(deployment, host.name) ? (record.hostKeys ?? (await readHostKeys(machine))) : undefined;
  return hostKeys === undefined ? site : { ...site, chosen: { ...site.chosen, hostKeys } };
}

/** Does a tunnel of another host lead here? */
function isLinkedTo({ gateways, nodes }: Deployment, host: string): boolean {
  const here = new Set(gateways.filter((one) => one.host === host).map((one) => one.name));
  return nodes.some((node) => node.link !== undefined && here.has(node.gateway));
}

function servicesOn(
  { gateways, nodes }: Deployment,
  host: string,
): readonly (Deployment['gateways'][number] | Deployment['nodes'][number])[] {
  return [...gateways, ...nodes].filter((one) => one.host === host);
}
