import { deploymentRoot, workspaceFrom } from '../../src/converge/workspace.ts';
import { runtimeFolder } from '../../src/openclaw/install/install.ts';
import { render } from '../../src/runtimes/process/render.ts';
import { compile } from '../../src/services/compile.ts';
import { loadDeployment } from '../../src/topology/load.ts';

const FOLDER = 'examples/this-machine';

/** What `up` would write for the first example on a Linux machine of an ordinary user, by path: to be read by people. */
export async function renderedExample(): Promise<Readonly<Record<string, string>>> {
  const deployment = loadDeployment(new URL(`../../${FOLDER}/lobsterpot.yaml`, import.meta.url).pathname);
  const workspace = workspaceFrom({ HOME: '/home/you' });
  const services = compile(deployment, {
    // The program itself is not shown, and its digest would change with every word of the gate's code.
    gateBundle: '',
    presentSecrets: new Set(deployment.gateways.flatMap((one) => (one.model ? [one.model.apiKey.secret] : []))),
    deviceIds: new Map(deployment.nodes.map(({ name }) => [name, '0'.repeat(64)])),
  });
  const artifacts = render(
    services,
    {
      deployment: deployment.name,
      root: deploymentRoot(workspace, deployment.name),
      runtime: runtimeFolder({ dataFolder: workspace.data, version: deployment.openclaw }),
      containment: 'full',
    },
    { starter: { uid: 1000, gid: 1000 }, platform: 'linux', arch: 'x64' },
  );
  return Object.fromEntries(
    artifacts.flatMap((one) =>
      one.kind === 'file' && one.path.endsWith('.json') ? [[`${FOLDER}/rendered/${one.path}`, one.content]] : [],
    ),
  );
}
