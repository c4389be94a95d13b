import { Problem } from '../core/problem.ts';
import type { DockerFacts } from '../hosts/docker-facts.ts';
import type { DoorFacts } from '../hosts/engine-door.ts';
import type { Host } from '../hosts/host.ts';
import { chooseSubnet, overlaps } from '../runtimes/docker/choose-subnet.ts';
import { dockerFiles } from '../runtimes/docker/docker-files.ts';
import { dockerRuntime } from '../runtimes/docker/docker-runtime.ts';
import type { DockerEngine } from '../runtimes/docker/engine.ts';
import { hasImage, resolveImage } from '../runtimes/docker/image.ts';
import { oldImages, removeImage } from '../runtimes/docker/old-images.ts';
import { networkText, parseNetwork, type Ipv4Network } from '../runtimes/docker/subnet.ts';
import { targetOf, type DockerTarget } from '../runtimes/docker/target.ts';
import { projectName } from '../runtimes/docker/layout.ts';
import type { Deployment, HostEntry } from '../topology/deployment.ts';
import { openEngine, type Wanted } from './open-engine.ts';
import type { HostRecord, PinnedImage, Site } from './site.ts';

type Ready = Extract<DockerFacts, { kind: 'ready' }>;

/** What opening a host with Docker needs. `root`: where its files lie. */
export type DockerSiteInput = {
  readonly deployment: Deployment;
  readonly host: HostEntry;
  readonly machine: Host;
  readonly record: HostRecord;
  readonly root: (facts: DoorFacts) => string;
  readonly wanted: Wanted;
};

/** Containers, through the host's own docker: here or over ssh. */
export async function dockerSite(input: DockerSiteInput): Promise<Site> {
  const { deployment, host, machine, record } = input;
  const { facts, docker, engine, keys } = await openEngine(host.name, machine, record.place !== undefined, input.wanted);
  const root = input.root(facts);
  const subnet = subnetOf(input, facts, docker);
  const image = await imageOf(engine, docker, deployment, record);
  const target = rendersFor(deployment, facts, docker, image, subnet);
  const files = dockerFiles(engine, target.image, root);
  return {
    name: host.name,
    kind: 'docker',
    containment: 'full',
    machine,
    host: files,
    root,
    runtime: dockerRuntime({ place: { deployment: deployment.name, root, runtime: '', containment: 'full' }, engine, target, files }),
    base: {
      kind: 'pull-image',
      name: deployment.image,
      isThere: async () => image !== undefined && (await hasImage(engine, image.pinned)),
      bring: async (say) => {
        say(deployment.image);
        await resolveImage(engine, image?.pinned ?? deployment.image, docker.info.Architecture);
      },
      old: { find: (used) => oldImages(engine, used), remove: (one) => removeImage(engine, one) },
    },
    chosen: { ...record, ...(image ? { image } : {}), subnet: networkText(subnet), place: { root, connect: host.connect } },
    ...(keys ? { keys } : {}),
  };
}

/** The image that was pinned, or what the name means on the host now; undefined: it is not there yet. */
async function imageOf(
  engine: DockerEngine,
  docker: Ready,
  deployment: Deployment,
  { image: pinned }: HostRecord,
): Promise<PinnedImage | undefined> {
  const { image: asked } = deployment;
  if (pinned?.asked === asked) return pinned;
  if (!(await hasImage(engine, asked))) return undefined;
  const found = await resolveImage(engine, asked, docker.info.Architecture);
  const { openclaw } = found;
  if (openclaw === undefined) throw notOpenClaw(asked, engine.host.name, 'there is no OpenClaw in /app');
  if (openclaw !== deployment.openclaw) throw notOpenClaw(asked, engine.host.name, `it holds OpenClaw ${openclaw}`, deployment.openclaw);
  const needsSsh = deployment.nodes.some((node) => node.host === engine.host.name && node.link !== undefined);
  if (needsSsh && !found.ssh) throw noSsh(asked, engine.host.name);
  if (deployment.proxy === 'squid' && !found.squid) throw noSquid(asked, engine.host.name);
  return { asked, pinned: found.image, openclaw, ipv6: found.ipv6 };
}

/** What is rendered for: the image as it is pinned, or as it is asked for until it is there. */
function rendersFor(
  deployment: Deployment,
  facts: DoorFacts,
  { info }: Ready,
  image: PinnedImage | undefined,
  subnet: Ipv4Network,
): DockerTarget {
  return targetOf({
    // On a Mac the engine runs in a virtual machine with a kernel of its own.
    info: facts.platform === 'darwin' ? info : { ...info, KernelVersion: facts.kernel },
    image: { image: image?.pinned ?? deployment.image, ipv6: image?.ipv6 ?? false, ...(image ? { openclaw: image.openclaw } : {}) },
    openclaw: deployment.openclaw,
    subnet: networkText(subnet),
  });
}

/** As the file says, or as it was chosen once, or a free one. */
function subnetOf({ deployment, host, record }: DockerSiteInput, facts: DoorFacts, docker: Ready): Ipv4Network {
  const own = `${projectName(deployment.name)}.`;
  const held = docker.networks.filter((one) => !one.name.startsWith(own));
  const ownSubnets = new Set(docker.networks.filter((one) => one.name.startsWith(own)).flatMap((one) => one.subnets));
  const routed = (facts.routes ?? []).map((one) => one.subnet).filter((one) => !ownSubnets.has(one));
  const taken = [...held.flatMap((one) => one.subnets), ...routed];
  const said = host.subnet ?? record.subnet;
  if (said === undefined) return chooseSubnet(deployment.name, host.name, taken);
  const subnet = parseNetwork(said);
  if (!subnet) throw new TypeError(`the subnet ${said} of ${host.name} was not checked`);
  const [other] = host.subnet === undefined ? [] : overlaps(subnet, taken);
  if (other === undefined) return subnet;
  throw new Problem('converge/subnet-taken', `the subnet ${said} of host ${host.name} is in use there`, {
    cause: `the host has the network ${other}`,
    fix: `set subnet of ${host.name} to another private network in lobsterpot.yaml, or remove the key to have one chosen`,
  });
}

function notOpenClaw(image: string, host: string, cause: string, version?: string): Problem {
  return new Problem('converge/image', `the image ${image} on host ${host} is not the one that this deployment needs`, {
    cause,
    fix:
      version === undefined
        ? "set image in lobsterpot.yaml to OpenClaw's own or one made from it"
        : `set image in lobsterpot.yaml to one with OpenClaw ${version}, or openclaw to the version of the image`,
  });
}

function noSsh(image: string, host: string): Problem {
  return new Problem('converge/image-ssh', `the image ${image} on host ${host} has no ssh client`, {
    cause: 'the tunnel of a node runs it, and OpenClaw brings none',
    fix: 'make one with it: docs/one-cluster.md has the two lines; then set image in lobsterpot.yaml to that image',
  });
}

function noSquid(image: string, host: string): Problem {
  return new Problem('converge/image-squid', `the image ${image} on host ${host} has no Squid`, {
    cause: 'egress.proxy: squid runs it, and OpenClaw brings none',
    fix: 'make one with it: docs/squid.md has the two lines; then set image in lobsterpot.yaml to that image',
  });
}
