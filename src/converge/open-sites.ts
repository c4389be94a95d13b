import { Problem } from '../core/problem.ts';
import { installRuntime, runtimeFolder, runtimeInstalled } from '../openclaw/install/install.ts';
import { processRuntime } from '../runtimes/process/process-runtime.ts';
import type { Deployment, HostEntry } from '../topology/deployment.ts';
import type { Engine } from './engine.ts';
import type { Site } from './site.ts';

/** Opens every host of the file that something runs on, side by side: what it is, and the runtime for its services. */
export async function openSites(engine: Engine, data: string): Promise<ReadonlyMap<string, Site>> {
  const { deployment } = engine;
  const used = deployment.hosts.filter((host) => servicesOn(deployment, host).length > 0);
  const sites = await Promise.all(used.map((host) => openSite(engine, host, data)));
  return new Map(sites.map((site) => [site.name, site]));
}

async function openSite(engine: Engine, host: HostEntry, data: string): Promise<Site> {
  const kinds = new Set(servicesOn(engine.deployment, host).map((one) => one.runtime));
  if (kinds.has('docker')) throw new TypeError('no docker yet');
  return processSite(engine, host, data);
}

/** Local processes, in the operator's own folder. */
function processSite({ deployment, local, root }: Engine, host: HostEntry, data: string): Site {
  const containment = containmentOf(deployment, host);
  const where = { dataFolder: data, version: deployment.openclaw };
  return {
    name: host.name,
    kind: 'process',
    containment,
    machine: local,
    host: local,
    root,
    runtime: processRuntime({ deployment: deployment.name, root, runtime: runtimeFolder(where), containment }),
    base: {
      kind: 'install-runtime',
      name: deployment.openclaw,
      isThere: () => runtimeInstalled(local, where),
      bring: async (say) => void (await installRuntime(local, { ...where, onProgress: say })),
    },
    chosen: {},
  };
}

/** One setting a machine: a contained gateway beside an uncontained node would be contained in name only. */
function containmentOf(deployment: Deployment, host: HostEntry): 'full' | 'none' {
  const asked = new Set(servicesOn(deployment, host).map((one) => one.containment));
  if (asked.size === 2) {
    throw new Problem('converge/mixed-containment', 'some services of this machine are contained and some are not', {
      cause: 'containment: none on one of them opens the way around the others',
      fix: 'set containment to the same value for every gateway and node of the file',
    });
  }
  return asked.has('none') ? 'none' : 'full';
}

function servicesOn(
  { gateways, nodes }: Deployment,
  { name }: HostEntry,
): readonly (Deployment['gateways'][number] | Deployment['nodes'][number])[] {
  return [...gateways, ...nodes].filter((one) => one.host === name);
}
