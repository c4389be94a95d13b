import type { Host } from '../hosts/host.ts';
import type { Deployment } from '../topology/deployment.ts';
import { refuseOtherFiles, type Engine, type Reach } from './engine.ts';
import { openSites } from './open-sites.ts';
import { secretStore } from './secret-store.ts';
import { checkRoot, deploymentRoot, type Workspace } from './workspace.ts';

/** Puts the rooms together for one deployment. Refuses a folder that is somebody else's or another file's. */
export async function makeEngine(input: {
  readonly deployment: Deployment;
  readonly file: string;
  /** This machine. */
  readonly host: Host;
  readonly workspace: Workspace;
  readonly gateBundle: () => Promise<string>;
}): Promise<Engine> {
  const { deployment, host, workspace } = input;
  const root = deploymentRoot(workspace, deployment.name);
  await checkRoot(host, root, process.getuid?.() ?? -1);
  let bundle: Promise<string> | undefined;
  let reached: Promise<Reach> | undefined;
  const reach = (): Promise<Reach> => (reached ??= openSites(engine, workspace.data));
  const engine: Engine = {
    deployment,
    file: input.file,
    local: host,
    root,
    store: secretStore(host, root),
    gateBundle: () => (bundle ??= input.gateBundle()),
    reach,
    sites: async () => {
      const { sites, unreachable } = await reach();
      const [problem] = unreachable.values();
      if (problem) throw problem;
      return sites;
    },
    forgetSites: () => (reached = undefined),
  };
  await refuseOtherFiles(engine);
  return engine;
}
