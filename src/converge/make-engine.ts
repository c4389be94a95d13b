import { Problem } from '../core/problem.ts';
import type { Host } from '../hosts/host.ts';
import { runtimeFolder } from '../openclaw/install/install.ts';
import { processRuntime } from '../runtimes/process/process-runtime.ts';
import type { Deployment } from '../topology/deployment.ts';
import { refuseOtherFiles, type Engine } from './engine.ts';
import { secretStore } from './secret-store.ts';
import { checkRoot, deploymentRoot, type Workspace } from './workspace.ts';

/** Puts the rooms together for one deployment on this machine. Refuses a folder that is somebody else's or another file's. */
export async function makeEngine(input: {
  readonly deployment: Deployment;
  readonly file: string;
  readonly host: Host;
  readonly workspace: Workspace;
  readonly gateBundle: string;
}): Promise<Engine> {
  const { deployment, host, workspace } = input;
  const root = deploymentRoot(workspace, deployment.name);
  await checkRoot(host, root, process.getuid?.() ?? -1);
  const containment = containmentOf(deployment);
  const runtime = processRuntime({
    deployment: deployment.name,
    root,
    runtime: runtimeFolder({ dataFolder: workspace.data, version: deployment.openclaw }),
    containment,
  });
  const engine: Engine = {
    deployment,
    file: input.file,
    host,
    root,
    data: workspace.data,
    runtime,
    containment,
    store: secretStore(host, root),
    gateBundle: input.gateBundle,
  };
  await refuseOtherFiles(engine);
  return engine;
}

/** One setting a deployment: a contained gateway beside an uncontained node on one machine would be contained in name only. */
function containmentOf(deployment: Deployment): 'full' | 'none' {
  const asked = new Set([...deployment.gateways, ...deployment.nodes].map((one) => one.containment));
  if (asked.size === 2) {
    throw new Problem('converge/mixed-containment', 'some services of this machine are contained and some are not', {
      cause: 'containment: none on one of them opens the way around the others',
      fix: 'set containment to the same value for every gateway and node of the file',
    });
  }
  return asked.has('none') ? 'none' : 'full';
}
