import * as z from 'zod/mini';

const text = z.optional(z.nullable(z.string()));
const flag = z.optional(z.nullable(z.boolean()));
const number = z.optional(z.nullable(z.number()));
const texts = z.optional(z.nullable(z.array(z.string())));
const things = z.optional(z.nullable(z.array(z.unknown())));
const pairs = z.optional(z.nullable(z.record(z.string(), z.string())));
const address = z.object({ IPAMConfig: z.optional(z.nullable(z.object({ IPv4Address: text }))) });
const binding = z.object({ HostIp: text, HostPort: text });

const settings = z.object({
  Image: z.string(),
  Config: z.object({
    Image: z.string(),
    User: text,
    Hostname: text,
    WorkingDir: text,
    Entrypoint: texts,
    Cmd: texts,
    Env: texts,
  }),
  HostConfig: z.object({
    Privileged: flag,
    ReadonlyRootfs: flag,
    Init: flag,
    PublishAllPorts: flag,
    OomKillDisable: flag,
    CapAdd: texts,
    CapDrop: texts,
    SecurityOpt: texts,
    MaskedPaths: texts,
    PidMode: text,
    IpcMode: text,
    UTSMode: text,
    UsernsMode: text,
    Memory: number,
    MemorySwap: number,
    PidsLimit: number,
    NanoCpus: number,
    CpusetCpus: text,
    CpuShares: number,
    Ulimits: z.optional(z.nullable(z.array(z.object({ Name: z.string(), Soft: z.number(), Hard: z.number() })))),
    Tmpfs: pairs,
    Sysctls: pairs,
    Dns: texts,
    ExtraHosts: texts,
    GroupAdd: texts,
    Links: texts,
    VolumesFrom: texts,
    Devices: things,
    DeviceRequests: things,
    DeviceCgroupRules: texts,
    PortBindings: z.optional(z.nullable(z.record(z.string(), z.nullable(z.array(binding))))),
    LogConfig: z.object({ Type: z.string(), Config: pairs }),
  }),
  Mounts: z.array(z.object({ Type: z.string(), Name: text, Source: text, Destination: z.string(), RW: z.boolean() })),
  NetworkSettings: z.object({ Networks: z.nullable(z.record(z.string(), address)) }),
});

/** What `docker inspect` says of how a container is set up. */
export type ContainerSettings = z.infer<typeof settings>;

/** Reads the answer of `docker inspect`; undefined: it says less than it must, and nothing can be compared. */
export function parseSettings(inspected: unknown): ContainerSettings | undefined {
  const parsed = settings.safeParse(inspected);
  return parsed.success ? parsed.data : undefined;
}
