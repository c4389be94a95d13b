import { join } from 'node:path';
import { deploymentRoot, workspaceFrom } from '../../src/converge/workspace.ts';
import { runtimeFolder } from '../../src/openclaw/install/install.ts';
import { render as renderContainers } from '../../src/runtimes/docker/render.ts';
import { render as renderProcesses } from '../../src/runtimes/process/render.ts';
import type { Artifact } from '../../src/runtimes/runtime.ts';
import { compile } from '../../src/services/compile.ts';
import type { Service } from '../../src/services/service.ts';
import { gatewaySecrets } from '../../src/topology/channels.ts';
import type { Deployment, HostEntry } from '../../src/topology/deployment.ts';
import { loadDeployment } from '../../src/topology/load.ts';
import { MADE_UP_HOSTS } from './made-up-hosts.ts';

type Texts = Readonly<Record<string, string>>;

/** What `up` would write for each example, by path: to be read by people. */
export function renderedExamples(): Texts {
  return { ...processExample('this-machine'), ...dockerExample('one-cluster'), ...dockerExample('two-gateways') };
}

/** As on a Linux machine of an ordinary user. */
function processExample(example: string): Texts {
  const deployment = load(example);
  const workspace = workspaceFrom({ HOME: '/home/you' });
  const artifacts = renderProcesses(
    services(deployment),
    {
      deployment: deployment.name,
      root: deploymentRoot(workspace, deployment.name),
      runtime: runtimeFolder({ dataFolder: workspace.data, version: deployment.openclaw }),
      containment: 'full',
    },
    { starter: { uid: 1000, gid: 1000 }, platform: 'linux', arch: 'x64' },
  );
  return shown(`examples/${example}/rendered`, artifacts);
}

/** As on the made-up hosts, one folder for each. */
function dockerExample(example: string): Texts {
  const deployment = load(example);
  const all = services(deployment);
  return Object.fromEntries(
    deployment.hosts.flatMap((host) => {
      const place = { deployment: deployment.name, root: rootOn(host, deployment.name), runtime: '', containment: 'full' } as const;
      const here = all.filter((one) => one.host === host.name);
      const texts = shown(`examples/${example}/rendered/${host.name}`, renderContainers(here, place, madeUp(host.name).target));
      return Object.entries(texts).map(([path, text]) => [path, withoutDigests(text)]);
    }),
  );
}

function load(example: string): Deployment {
  return loadDeployment(new URL(`../../examples/${example}/lobsterpot.yaml`, import.meta.url).pathname);
}

function services(deployment: Deployment): readonly Service[] {
  const linked = deployment.gateways.filter(({ name }) =>
    deployment.nodes.some((node) => node.gateway === name && node.link !== undefined),
  );
  return compile(deployment, {
    // The program itself is not shown, and its digest would change with every word of the gate's code.
    gateBundle: '',
    presentSecrets: new Set(deployment.gateways.flatMap(gatewaySecrets)),
    deviceIds: new Map(deployment.nodes.map(({ name }) => [name, '0'.repeat(64)])),
    linkHostKeys: new Map(linked.map(({ host }) => [host, [madeUp(host).hostKey]])),
  });
}

function rootOn(host: HostEntry, deployment: string): string {
  if (host.dir !== undefined) return join(host.dir, deployment);
  const root = deploymentRoot(workspaceFrom({ HOME: madeUp(host.name).home }), deployment);
  return host.connect.kind === 'local' ? join(root, 'docker') : root;
}

function madeUp(host: string): (typeof MADE_UP_HOSTS)[string] {
  const found = MADE_UP_HOSTS[host];
  if (!found) throw new Error(`made-up-hosts.ts knows no host ${host}`);
  return found;
}

/** The files that a person would read; programs and lists of accounts are left out. */
function shown(folder: string, artifacts: readonly Artifact[]): Texts {
  const read = artifacts.flatMap((one) => (one.kind === 'file' && /(?:\.json|\.yaml|known_hosts)$/.test(one.path) ? [one] : []));
  return Object.fromEntries(read.map((one) => [`${folder}/${one.path}`, one.content]));
}

/** Digests of programs would change the examples with every word of their code. */
function withoutDigests(text: string): string {
  // YAML has quotes only around what begins with a digit.
  return text.replaceAll(/("?digest"?: |lobsterpot\.spec: )"?[0-9a-f]{64}"?/g, `$1"${'0'.repeat(64)}"`);
}
