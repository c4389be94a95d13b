import { Problem } from '../core/problem.ts';
import type { Host } from '../hosts/host.ts';
import { installRuntime, runtimeFolder, runtimeInstalled } from '../openclaw/install/install.ts';
import { processRuntime } from '../runtimes/process/process-runtime.ts';
import type { Deployment, HostEntry } from '../topology/deployment.ts';
import type { Site } from './site.ts';

/** Local processes, in the operator's own folder. `data`: where the installed OpenClaw versions lie. */
export function processSite(input: {
  readonly deployment: Deployment;
  readonly host: HostEntry;
  readonly machine: Host;
  readonly root: string;
  readonly data: string;
  readonly services: readonly { readonly containment: 'full' | 'none' }[];
}): Site {
  const { deployment, host, machine, root } = input;
  const containment = containmentOf(input.services);
  const where = { dataFolder: input.data, version: deployment.openclaw };
  return {
    name: host.name,
    kind: 'process',
    containment,
    machine,
    host: machine,
    root,
    runtime: processRuntime({ deployment: deployment.name, root, runtime: runtimeFolder(where), containment }),
    base: {
      kind: 'install-runtime',
      name: deployment.openclaw,
      isThere: () => runtimeInstalled(machine, where),
      bring: async (say) => void (await installRuntime(machine, { ...where, onProgress: say })),
    },
    chosen: {},
  };
}

/** One setting a machine: a contained gateway beside an uncontained node would be contained in name only. */
function containmentOf(services: readonly { readonly containment: 'full' | 'none' }[]): 'full' | 'none' {
  const asked = new Set(services.map((one) => one.containment));
  if (asked.size === 2) {
    throw new Problem('converge/mixed-containment', 'some services of this machine are contained and some are not', {
      cause: 'containment: none on one of them opens the way around the others',
      fix: 'set containment to the same value for every gateway and node of the file',
    });
  }
  return asked.has('none') ? 'none' : 'full';
}
