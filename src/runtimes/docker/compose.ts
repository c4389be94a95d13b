import type { Service } from '../../services/service.ts';
import type { ContainerPlan } from './container.ts';
import { IMAGE_NODE } from './image-paths.ts';
import { containerName, INSIDE, LABELS, networkName } from './layout.ts';
import { BRIDGE_OFFSET, type PlannedNetwork } from './networks.ts';
import { addressIn, networkText } from './subnet.ts';
import { yamlText, type Yaml } from './yaml-text.ts';

/**
 * The command that says whether a service is healthy: cheap, for it is asked all day, and not often, for an engine
 * starts a program for each (25 ms here, several times that on a NAS). The launcher asks the service itself, and says until when
 * that is good, so that a launcher that hangs is found out too. What it prints is kept by the engine and told by `inspect`: the last word
 * of the watch over its state.
 */
export const HEALTH_TEST = `{ cat ${INSIDE.disk}; read -r now _ </proc/uptime && read -r until <${INSIDE.ready} && test "\${now%%.*}" -lt "$until"; } 2>/dev/null`;

const HEADER = (
  deployment: string,
): string => `# Written by lobsterpot for the deployment ${deployment}: changes here are lost at the next "lobsterpot up".
# It runs without lobsterpot too:
#   docker compose -p lobsterpot-${deployment} -f compose.yaml up -d
# Each service is one container without rights. Who reaches whom is a network of its own; only what has a network
# "outside" gets out of its host, and only what publishes a port can be reached.
`;

const ABOUT: Readonly<Record<Service['role'], string>> = {
  gate: 'the only way out: every other service reaches the internet through it, or not at all',
  gateway: "OpenClaw's gateway",
  node: "OpenClaw's node host: runs the commands that its own exec policy allows",
  ingress: 'takes in what comes to a published port; Docker publishes none of an internal network',
  link: 'the tunnel to the other host',
};

/** One service as it goes into the file. */
export type ComposedService = { readonly service: Service; readonly plan: ContainerPlan; readonly spec: string };

/** The text of `compose.yaml`: plain, sorted, for Compose v2 and for docker-compose 1.29. Pure. */
export function composeText(deployment: string, services: readonly ComposedService[], networks: readonly PlannedNetwork[]): string {
  const blocks = services
    .toSorted((a, b) => (a.service.name < b.service.name ? -1 : 1))
    .map((one) => `  # ${ABOUT[one.service.role]}\n${yamlText({ [one.service.name]: serviceBlock(deployment, one) }, 2)}`);
  return [
    HEADER(deployment),
    `services:\n${blocks.join('\n')}`,
    yamlText({ networks: Object.fromEntries(networks.map((one) => [one.key, networkBlock(deployment, one)])) }),
  ].join('\n');
}

/** Names of networks, as one label. */
export function networksLabel(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.toSorted().join(' ');
}

/** What a change of makes the container another one; its label is not in it. */
export function serviceBlock(deployment: string, { service, plan, spec }: ComposedService): Readonly<Record<string, Yaml | undefined>> {
  return literal({
    image: plan.image,
    container_name: containerName(deployment, service.name),
    hostname: plan.hostname,
    labels: {
      [LABELS.deployment]: deployment,
      [LABELS.networks]: networksLabel(plan.networks.map(({ key }) => networkName(deployment, key))),
      [LABELS.service]: service.name,
      [LABELS.spec]: spec,
    },
    entrypoint: [IMAGE_NODE, INSIDE.launcher, INSIDE.spec],
    working_dir: INSIDE.state,
    environment: plan.env,
    user: `${plan.identity.uid}:${plan.identity.gid}`,
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    init: true,
    restart: 'always',
    stop_grace_period: `${plan.stopSeconds}s`,
    mem_limit: plan.memoryMiB === undefined ? undefined : `${plan.memoryMiB}m`,
    memswap_limit: plan.memoryMiB === undefined || !plan.limitSwap ? undefined : `${plan.memoryMiB}m`,
    pids_limit: plan.pids,
    cpus: plan.cpus,
    cpuset: plan.cpuset,
    cpu_shares: plan.cpuShares,
    ulimits: { core: 0, fsize: plan.fileBytes, nofile: plan.openFiles, nproc: plan.processes },
    tmpfs: plan.tmpfs,
    volumes: plan.mounts.map(({ source, target, readOnly }) => ({ type: 'bind', source, target, read_only: readOnly || undefined })),
    sysctls: plan.sysctls,
    dns: plan.dns,
    ...(plan.networks.length === 0
      ? { network_mode: 'none' }
      : { networks: Object.fromEntries(plan.networks.map(({ key, address }) => [key, { ipv4_address: address }])) }),
    ports: plan.ports,
    healthcheck: { test: ['CMD-SHELL', HEALTH_TEST], interval: '15s', timeout: '10s', retries: 2, start_period: `${plan.startSeconds}s` },
    depends_on: Object.fromEntries(service.after.map((name) => [name, { condition: 'service_healthy' }])),
    // Synology's own default keeps logs in a database.
    logging: { driver: 'json-file', options: { 'max-file': '3', 'max-size': '10m' } },
  });
}

function networkBlock(deployment: string, network: PlannedNetwork): Yaml {
  const pair = network.kind === 'pair';
  return literal({
    name: networkName(deployment, network.key),
    driver: 'bridge',
    internal: pair || undefined,
    enable_ipv6: false,
    labels: { [LABELS.deployment]: deployment },
    driver_opts: pair
      ? // Without an address of its own the bridge is no way to the host: `internal` alone leaves every address of the host reachable.
        { 'com.docker.network.bridge.inhibit_ipv4': 'true' }
      : { 'com.docker.network.bridge.enable_ip_masquerade': String(network.masquerade) },
    ipam: { config: [{ subnet: networkText(network.subnet), gateway: addressIn(network.subnet, BRIDGE_OFFSET) }] },
  });
}

type Block = Readonly<Record<string, Yaml | undefined>>;

/** Compose replaces `$NAME` in every value: a dollar is written twice. */
function literal(block: Block): Block {
  return Object.fromEntries(Object.entries(block).map(([key, value]) => [key, value === undefined ? undefined : escaped(value)]));
}

function escaped(value: Yaml): Yaml {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (typeof value !== 'object') return value;
  return isList(value) ? value.map(escaped) : literal(value);
}

function isList(value: Yaml): value is readonly Yaml[] {
  return Array.isArray(value);
}
