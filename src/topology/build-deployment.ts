import { levelMode } from '../policy/levels.ts';
import type { Rule } from '../policy/policy.ts';
import { bindWarnings } from './bind.ts';
import { channelRules, readChannels } from './channels.ts';
import { credentialsOf } from './credentials.ts';
import { diskMiBOf } from './disk.ts';
import type { Deployment, GatewayEntry, HostEntry, NodeEntry, RuntimeKind, Warning } from './deployment.ts';
import { clientPreset, levelRules, withoutRepetitions } from './egress-rules.ts';
import { execRules, execWarnings } from './exec-rules.ts';
import { hostEntries } from './hosts.ts';
import { imageOf } from './image.ts';
import { linkWarnings, readLink } from './link.ts';
import { readMemory } from './memory.ts';
import { assignPorts } from './ports.ts';
import type { DeploymentInput } from './schema.ts';
import { readVolume } from './volumes.ts';

/** What was read of the file beside its schema. */
export type Read = {
  readonly runtimes: ReadonlyMap<string, RuntimeKind>;
  readonly allow: readonly Rule[];
  readonly deny: readonly Rule[];
  readonly ca?: string;
};

/** The deployment of a file in which nothing is wrong, every default filled in. */
export function buildDeployment(input: DeploymentInput, read: Read): Deployment {
  const hosts = hostEntries(input.hosts);
  const ports = assignPorts(Object.entries(input.gateways).map(([name, one]) => ({ name, host: one.host, port: one.port })));
  const gateways = Object.entries(input.gateways).map(([name, one]): GatewayEntry => ({
    name,
    host: one.host,
    runtime: read.runtimes.get(one.host) ?? 'process',
    containment: one.containment,
    diskMiB: diskMiBOf(one.disk),
    port: ports.get(name) ?? 0,
    bind: one.bind,
    credentials: credentialsOf(one.credentials),
    ...(one.budget === undefined ? {} : { budget: one.budget }),
    ...(one.model === undefined ? {} : { model: one.model }),
    ...readMemory(one),
    ...readChannels(one.channels),
  }));
  const nodes = Object.entries(input.nodes).map(([name, one]): NodeEntry => ({
    name,
    host: one.host,
    runtime: read.runtimes.get(one.host) ?? 'process',
    containment: one.containment,
    diskMiB: diskMiBOf(one.disk),
    gateway: one.gateway,
    exec: execRules(one.exec.allow),
    ...linkOf(name, one, hosts, gateways),
    volumes: one.volumes.flatMap((entry) => readVolume(entry) ?? []),
  }));
  const own = gateways.flatMap((one) => [
    ...(one.model ? clientPreset(one.model.provider, `gateway-${one.name}`) : []),
    ...(one.memory ? clientPreset(one.memory.search.provider, `gateway-${one.name}`) : []),
    ...channelRules(one.channels, `gateway-${one.name}`),
  ]);
  return {
    name: input.name,
    openclaw: input.openclaw,
    image: input.image ?? imageOf(input.openclaw),
    hosts,
    gateways,
    nodes,
    egress: {
      version: 1,
      deployment: input.name,
      mode: levelMode(input.egress.level, input.egress.mode),
      allow: withoutRepetitions([...read.allow, ...levelRules(input.egress.level), ...own]),
      deny: withoutRepetitions(read.deny),
    },
    ...(input.egress.days === undefined ? {} : { trailDays: input.egress.days }),
    ...(input.egress.proxy === 'squid' ? { proxy: input.egress.proxy } : {}),
    ...(read.ca === undefined ? {} : { ca: read.ca }),
    warnings: warnings(input, gateways, nodes),
  };
}

/** `{ link }` of a node whose gateway is on another host. */
function linkOf(
  name: string,
  node: DeploymentInput['nodes'][string],
  hosts: readonly HostEntry[],
  gateways: readonly GatewayEntry[],
): Pick<NodeEntry, 'link'> {
  const there = hosts.find((host) => host.name === gateways.find((one) => one.name === node.gateway)?.host);
  if (!there || there.name === node.host) return {};
  const { link } = readLink(node.link, { node: node.host, gateway: there.name, connect: there.connect }, ['nodes', name, 'link']);
  return link ? { link } : {};
}

function warnings(input: DeploymentInput, gateways: readonly GatewayEntry[], nodes: readonly NodeEntry[]): readonly Warning[] {
  return [
    ...gateways.flatMap(({ name, containment, bind }) => [
      ...(containment === 'none' ? [uncontained('gateways', name)] : []),
      ...bindWarnings(name, bind),
    ]),
    ...nodes.flatMap(({ name, containment, link }) => [
      ...(containment === 'none' ? [uncontained('nodes', name)] : []),
      ...execWarnings(name, input.nodes[name]?.exec.allow ?? []),
      ...(link ? linkWarnings(name, link) : []),
    ]),
    ...(input.egress.level === 'open'
      ? [
          {
            path: 'egress.level',
            message: 'whatever a policy may open is written down and let through',
            fix: 'write level: locked or level: balanced once the rules are complete',
          },
        ]
      : []),
    ...(input.egress.mode === 'report'
      ? [
          {
            path: 'egress.mode',
            message: 'what no rule names is written down and let through',
            fix: 'write mode: enforce once the rules are complete',
          },
        ]
      : []),
  ];
}

function uncontained(section: 'gateways' | 'nodes', name: string): Warning {
  return {
    path: `${section}.${name}.containment`,
    message: 'not contained: it can read and reach whatever your user can',
    fix: 'write containment: full, or remove the key',
  };
}
