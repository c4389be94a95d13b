import { z } from 'zod';

/** What `docker info` says of what an engine can do and enforce. Probe it; never trust a table of models. */
export type DockerInfo = z.infer<typeof INFO>;

/** A network of the engine with its subnets; a new one must not overlap. */
export type DockerNetwork = { readonly name: string; readonly driver: string; readonly subnets: readonly string[] };

/** How compose is called: as `docker compose`, or as a program of its own. */
export type ComposeFacts = { readonly form: 'plugin' | 'standalone'; readonly path: string; readonly version: string };

/** The engine of a host, as far as the user of the connection gets. */
export type DockerFacts =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'unusable';
      readonly path: string;
      readonly why: 'permission' | 'sudo-password' | 'not-running' | 'other';
      /** What docker or sudo said, untrusted. */
      readonly said: string;
    }
  | {
      readonly kind: 'ready';
      readonly path: string;
      /** The absolute path of sudo where docker needs it. */
      readonly sudo?: string;
      readonly version: string;
      readonly apiVersion: string;
      readonly minApiVersion?: string;
      readonly compose?: ComposeFacts;
      readonly info: DockerInfo;
      readonly networks: readonly DockerNetwork[];
    };

const flag = z.boolean().default(false);
const text = z.string().default('');
const INFO = z.object({
  CpuCfsQuota: flag,
  CPUSet: flag,
  PidsLimit: flag,
  MemoryLimit: flag,
  SwapLimit: flag,
  SecurityOptions: z
    .array(z.string())
    .nullish()
    .transform((all) => all ?? []),
  // Engines before 20.10 do not say it; they know version 1 only.
  CgroupVersion: z.string().default('1'),
  CgroupDriver: text,
  Driver: text,
  LoggingDriver: text,
  // Engines tell it since long; what cannot be read is not known.
  Plugins: z
    .object({ Log: z.array(z.string()).nullish() })
    .nullish()
    .catch(undefined),
  DockerRootDir: text,
  NCPU: z.number().default(0),
  MemTotal: z.number().default(0),
  Architecture: text,
  KernelVersion: text,
  OperatingSystem: text,
  OSType: text,
  ServerVersion: text,
  Warnings: z
    .array(z.string())
    .nullish()
    .transform((all) => all ?? []),
});

const VERSION = z.object({
  Server: z.object({
    Version: z.string(),
    ApiVersion: z.string().optional(),
    MinAPIVersion: z.string().optional(),
    Os: z.string().optional(),
  }),
});

const NETWORK = z.tuple([z.string(), z.string(), z.array(z.object({ Subnet: z.string().optional() })).nullable()]);

const NETWORKS = z.array(
  z.object({ Name: z.string(), Driver: z.string(), IPAM: z.object({ Config: z.array(z.unknown()).nullish() }).nullish() }),
);

/** The docker lines of the facts script; undefined when it was not asked for docker. */
export function parseDocker(lines: ReadonlyMap<string, readonly string[]>): DockerFacts {
  const one = (key: string): string | undefined => lines.get(key)?.[0];
  const path = one('docker_path');
  if (path === undefined) return { kind: 'absent' };
  const way = one('docker_way');
  const version = VERSION.safeParse(parsed(one('docker_version')));
  const info = INFO.safeParse(parsed(one('docker_info')));
  const sudo = one('docker_sudo');
  if (way === undefined) return { kind: 'unusable', path, ...whyNot(one('docker_plain_said') ?? '', one('docker_sudo_said')) };
  if (!version.success || !info.success) {
    const part = version.success ? 'docker info' : 'docker version';
    return { kind: 'unusable', path, why: 'other', said: `the answer of ${part} cannot be read` };
  }
  const { Version, ApiVersion, MinAPIVersion } = version.data.Server;
  const compose = composeOf(path, one('docker_compose'), one('docker_standalone'));
  return {
    kind: 'ready',
    path,
    ...(way === 'sudo' && sudo !== undefined ? { sudo } : {}),
    version: Version,
    apiVersion: ApiVersion ?? '',
    ...(MinAPIVersion === undefined ? {} : { minApiVersion: MinAPIVersion }),
    ...(compose === undefined ? {} : { compose }),
    info: info.data,
    networks: (lines.get('docker_network') ?? []).flatMap(networkOf),
  };
}

/**
 * The same from the engine's own answers to `/info` and `/networks`, and the version of its API as the head of each names it; undefined: they make no sense. Compose is a matter
 * of the host's programs, and the engine knows nothing of it.
 */
export function dockerFromEngine(
  docker: { readonly path: string; readonly sudo?: string },
  told: { readonly apiVersion: string | undefined; readonly info: unknown; readonly networks: unknown },
): Extract<DockerFacts, { kind: 'ready' }> | undefined {
  const networks = NETWORKS.safeParse(told.networks);
  const info = INFO.safeParse(told.info);
  if (!networks.success || !info.success || info.data.ServerVersion === '') return undefined;
  const version = { Version: info.data.ServerVersion, ...(told.apiVersion === undefined ? {} : { ApiVersion: told.apiVersion }) };
  const line = (value: unknown): readonly string[] => [JSON.stringify(value)];
  const facts = parseDocker(
    new Map([
      ['docker_path', [docker.path]],
      ...(docker.sudo === undefined ? [] : [['docker_sudo', [docker.sudo]] as const]),
      ['docker_way', [docker.sudo === undefined ? 'plain' : 'sudo']],
      ['docker_version', line({ Server: version })],
      ['docker_info', line(told.info)],
      ['docker_network', networks.data.flatMap(({ Name, Driver, IPAM }) => line([Name, Driver, IPAM?.Config ?? null]))],
    ]),
  );
  return facts.kind === 'ready' ? facts : undefined;
}

function whyNot(plain: string, sudo: string | undefined): Pick<Extract<DockerFacts, { kind: 'unusable' }>, 'why' | 'said'> {
  if (sudo !== undefined && /password is required|a terminal is required|not allowed|may not run|not in the sudoers/i.test(sudo)) {
    return { why: 'sudo-password', said: sudo };
  }
  const said = sudo ?? plain;
  if (/cannot connect to the docker daemon|is the docker daemon running|no such file or directory|connection refused/i.test(said))
    return { why: 'not-running', said };
  if (/permission denied|not permitted/i.test(said)) return { why: 'permission', said };
  return { why: 'other', said };
}

function composeOf(docker: string, plugin: string | undefined, standalone: string | undefined): ComposeFacts | undefined {
  const number = /^v?(\d+\.\d+\.\d+\S*)/;
  const own = number.exec(plugin ?? '')?.[1];
  if (own !== undefined) return { form: 'plugin', path: docker, version: own };
  const [path = '', said = ''] = (standalone ?? '').split(' ');
  const other = number.exec(said)?.[1];
  return other === undefined ? undefined : { form: 'standalone', path, version: other };
}

function networkOf(line: string): readonly DockerNetwork[] {
  const network = NETWORK.safeParse(parsed(line));
  if (!network.success) return [];
  const [name, driver, config] = network.data;
  return [{ name, driver, subnets: (config ?? []).flatMap(({ Subnet }) => (Subnet === undefined ? [] : [Subnet])) }];
}

function parsed(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? '');
  } catch {
    return undefined;
  }
}
