import * as z from 'zod/mini';
import { Problem } from '../../core/problem.ts';
import type { Host } from '../../hosts/host.ts';
import { containerName, networkName } from '../../runtimes/docker/layout.ts';

const text = z.string();
const texts = z.optional(z.nullable(z.array(text)));
const count = z.optional(z.nullable(z.number()));
const words = z.optional(z.nullable(z.record(text, text)));
const anything = z.optional(z.nullable(z.array(z.unknown())));
const port = z.object({ HostIp: text, HostPort: text });

const container = z.object({
  Id: text,
  Name: text,
  Image: text,
  State: z.object({ Running: z.boolean(), Pid: z.number() }),
  Config: z.object({ Image: text, User: text, Env: texts, Entrypoint: texts, Cmd: texts }),
  HostConfig: z.object({
    Privileged: z.boolean(),
    ReadonlyRootfs: z.boolean(),
    NetworkMode: text,
    PidMode: text,
    IpcMode: text,
    UTSMode: text,
    UsernsMode: text,
    CgroupnsMode: z.optional(text),
    CapAdd: texts,
    CapDrop: texts,
    SecurityOpt: texts,
    Devices: anything,
    DeviceRequests: anything,
    DeviceCgroupRules: texts,
    VolumesFrom: texts,
    ExtraHosts: texts,
    Dns: texts,
    Sysctls: words,
    GroupAdd: texts,
    Memory: z.number(),
    MemorySwap: z.number(),
    PidsLimit: count,
    NanoCpus: z.number(),
    CpusetCpus: text,
    CpuShares: z.number(),
    RestartPolicy: z.object({ Name: text }),
    LogConfig: z.object({ Type: text, Config: words }),
    Tmpfs: words,
    PortBindings: z.optional(z.nullable(z.record(text, z.nullable(z.array(port))))),
    Runtime: z.optional(text),
  }),
  Mounts: z.array(z.object({ Type: text, Source: z.optional(text), Destination: text, RW: z.boolean() })),
  NetworkSettings: z.object({
    Networks: z.record(text, z.object({ IPAddress: text, GlobalIPv6Address: z.optional(text) })),
    Ports: z.optional(z.nullable(z.record(text, z.nullable(z.array(port))))),
  }),
});

const network = z.object({
  Name: text,
  Driver: text,
  Internal: z.boolean(),
  EnableIPv6: z.boolean(),
  Options: words,
  IPAM: z.object({ Config: z.optional(z.nullable(z.array(z.object({ Subnet: z.optional(text), Gateway: z.optional(text) })))) }),
  Containers: z.optional(z.nullable(z.record(text, z.object({ Name: text })))),
});

const image = z.object({ Id: text, RepoTags: z.nullable(z.array(text)), Architecture: text });

/** A container as `docker inspect` tells it, as far as it is judged. */
export type SeenContainer = z.infer<typeof container>;
/** A network likewise. */
export type SeenNetwork = z.infer<typeof network>;

/** What an engine says of a deployment's containers and networks. */
export type DockerView = {
  readonly containers: ReadonlyMap<string, SeenContainer>;
  readonly networks: ReadonlyMap<string, SeenNetwork>;
  /** What the references of the planned images stand for on this host. */
  readonly imageIds: ReadonlyMap<string, string>;
  /** Everything that it said, to look for secrets in. */
  readonly raw: string;
};

/** The first words of a docker command on a host, as its facts tell them. */
export type DockerWords = { readonly docker: readonly string[]; readonly run: Host['run'] };

const ASK_MS = 20_000;

/** Asks for everything of a deployment in one round trip; what is not there is not in the answer. */
export async function readDockerView(
  { docker, run }: DockerWords,
  deployment: string,
  wanted: { readonly services: readonly string[]; readonly networks: readonly string[]; readonly images: readonly string[] },
): Promise<DockerView> {
  const names = [
    ...wanted.services.map((one) => containerName(deployment, one)),
    ...wanted.networks.map((one) => networkName(deployment, one)),
    ...new Set(wanted.images),
  ];
  const asked = await run([...docker, 'inspect', ...names], { timeoutMs: ASK_MS });
  // What is missing makes docker end with 1 and tell the rest all the same.
  if (asked.timedOut || (asked.code !== 0 && asked.code !== 1)) {
    throw new Problem('checks/docker', 'docker did not tell of its containers', {
      cause: asked.stderr.trim().slice(0, 300) || 'no answer in time',
      fix: 'lobsterpot verify',
    });
  }
  return parseDockerView(asked.stdout, deployment, wanted);
}

/** Pure: the answer of `docker inspect` for containers, networks and images together. */
export function parseDockerView(
  json: string,
  deployment: string,
  wanted: { readonly services: readonly string[]; readonly networks: readonly string[]; readonly images: readonly string[] },
): DockerView {
  const all = z.array(z.unknown()).parse(JSON.parse(json));
  const containers = all.flatMap((one) => fitting(container, one));
  const networks = all.flatMap((one) => fitting(network, one));
  const images = all.flatMap((one) => fitting(image, one));
  const pick = <T>(names: readonly string[], find: (name: string) => T | undefined): ReadonlyMap<string, T> =>
    new Map(
      names.flatMap((name) => {
        const found = find(name);
        return found === undefined ? [] : [[name, found] as const];
      }),
    );
  return {
    containers: pick(wanted.services, (name) => containers.find((one) => one.Name === `/${containerName(deployment, name)}`)),
    networks: pick(wanted.networks, (name) => networks.find((one) => one.Name === networkName(deployment, name))),
    // A digest reference names exactly one image, and it was asked for by that.
    imageIds: pick([...new Set(wanted.images)], (name) => (images.length === 1 ? images[0] : images.find((one) => one.Id === name))?.Id),
    raw: json,
  };
}

function fitting<T extends z.ZodMiniType>(schema: T, value: unknown): readonly z.infer<T>[] {
  const parsed = schema.safeParse(value);
  return parsed.success ? [parsed.data] : [];
}
