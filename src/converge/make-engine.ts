import type { Host } from '../hosts/host.ts';
import type { Deployment } from '../topology/deployment.ts';
import { refuseOtherFiles, type Engine, type Reach } from './engine.ts';
import { openSites, reachOf, type Opening } from './open-sites.ts';
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
  /** What a command looks at: the files on the hosts too (default), or what runs there alone, which is sooner known. */
  readonly looksAt?: 'files' | 'services';
}): Promise<Engine> {
  const { deployment, host, workspace } = input;
  const root = deploymentRoot(workspace, deployment.name);
  await checkRoot(host, root, process.getuid?.() ?? -1);
  let opened: Promise<Opening> | undefined;
  let bundle: Promise<string> | undefined;
  let reached: Promise<Reach> | undefined;
  const open = (): Promise<Opening> => (opened ??= openSites(engine, { data: workspace.data, files: input.looksAt !== 'services' }));
  const reach = (): Promise<Reach> => (reached ??= open().then(reachOf));
  const engine: Engine = {
    deployment,
    file: input.file,
    local: host,
    root,
    store: secretStore(host, root),
    gateBundle: () => (bundle ??= input.gateBundle()),
    reach,
    site: async (name) => (await open()).get(name)?.(),
    sites: async () => {
      const { sites, unreachable } = await reach();
      const [problem] = unreachable.values();
      if (problem) throw problem;
      return sites;
    },
    forgetSites: () => (opened = reached = undefined),
  };
  await refuseOtherFiles(engine);
  return engine;
}
