import { GATEWAY_HEALTH_PATH, gatewayCommand, NODE_READY_LINE, nodeCommand } from '../openclaw/config/commands.ts';
import { gatewayEnvironment, nodeEnvironment } from '../openclaw/config/environment.ts';
import { gatewayConfig, type GatewayConfigInput } from '../openclaw/config/gateway-config.ts';
import { nodeConfig } from '../openclaw/config/node-config.ts';
import { CA_FILE, CONFIG_FILE, GATEWAY_TOKEN_SECRET, INSIDE } from '../openclaw/inside-paths.ts';
import { peerRoute } from '../policy/peer.ts';
import { gatewaySecrets } from '../topology/channels.ts';
import type { Deployment, GatewayEntry, NodeEntry } from '../topology/deployment.ts';
import { egressListener, type GateRoute, gateService } from './gate-service.ts';
import { ingressServiceOf, publishedOf } from './ingress-service.ts';
import { linkServiceOf } from './link-service.ts';
import { GATE, gatewayService, gatewayTokenName, linkService, nodeService } from './names.ts';
import type { Service, ServiceFile } from './service.ts';
import { squidService } from './squid-service.ts';

/** What is known beside the file when it is compiled. */
export type CompileInput = {
  /** The gate's program, or the keeper of what stands in its place; one file. */
  readonly gateBundle: string;
  /** Secrets that have a value; a model or a channel whose secret is not among them is left out of OpenClaw's config. */
  readonly presentSecrets: ReadonlySet<string>;
  /** Node name -> device id, for the enrolled ones. */
  readonly deviceIds: ReadonlyMap<string, string>;
  /** Host name -> its public ssh keys (type and base64), for hosts that links lead to; until they are known such a link refuses to connect. */
  readonly linkHostKeys?: ReadonlyMap<string, readonly string[]>;
};

const GATEWAY_LIMITS = { memoryMiB: 2048, processes: 512, openFiles: 4096, fileMiB: 4096, tmpMiB: 256 };
const NODE_LIMITS = { memoryMiB: 1536, processes: 512, openFiles: 4096, fileMiB: 4096, tmpMiB: 256 };

/** A deployment as Services of all its hosts, in start order. Pure. */
export function compile(deployment: Deployment, input: CompileInput): readonly Service[] {
  return [
    ...deployment.hosts.flatMap(({ name }) => gateOf(name, deployment, input)),
    ...deployment.gateways.flatMap((gateway) => [
      compileGateway(deployment, gateway, input),
      ...(gateway.runtime === 'docker' ? [ingressServiceOf(gateway)] : []),
    ]),
    ...deployment.nodes.flatMap((node) => [...linkOf(node, deployment, input), compileNode(deployment, node)]),
  ];
}

/** What the gate of its host asks in the place of a gateway, for what has its secret. */
function routesOf(gateway: GatewayEntry, present: ReadonlySet<string>): readonly GateRoute[] {
  const { name, credentials, channels } = gateway;
  if (credentials === 'file') return [];
  const all = [
    ...providerRoutes(gateway),
    ...(channels?.telegram ? [{ provider: 'telegram', secret: channels.telegram.botToken.secret }] : []),
    ...(channels?.a2a?.peers ?? []).map(({ token, budget, ...peer }) => ({
      provider: 'a2a',
      peer,
      secret: token.secret,
      ...(budget ? { budget } : {}),
    })),
  ];
  return all.filter(({ secret }) => present.has(secret)).map((one) => ({ client: gatewayService(name), ...one }));
}

/** The routes of its model and of its memory; where one provider is both, one route. */
function providerRoutes({ budget, model, memory }: GatewayEntry): readonly Omit<GateRoute, 'client'>[] {
  const spent = budget ? { budget } : {};
  const search = memory?.search;
  const isOne = search !== undefined && model?.provider === search.provider;
  return [
    // OpenAI makes vectors too, of whatever it is sent: not asked for unless memory is searched.
    ...(model
      ? [
          {
            provider: model.provider,
            secret: model.apiKey.secret,
            ...(model.provider === 'openai' && !isOne ? { only: ['responses'] } : {}),
            ...spent,
          },
        ]
      : []),
    ...(search && !isOne ? [{ provider: search.provider, secret: search.apiKey.secret, only: ['embeddings'], ...spent }] : []),
  ];
}

/** One gate for each host that anything runs on. */
function gateOf(host: string, deployment: Deployment, input: CompileInput): readonly Service[] {
  const clients = [
    ...deployment.gateways.filter((one) => one.host === host).map((one) => gatewayService(one.name)),
    ...deployment.nodes.filter((one) => one.host === host).map((one) => nodeService(one.name)),
  ];
  if (clients.length === 0) return [];
  if (deployment.proxy === 'squid')
    return [squidService(host, deployment.egress, clients, input.gateBundle, { trailDays: deployment.trailDays })];
  const routes = deployment.gateways.filter((one) => one.host === host).flatMap((one) => routesOf(one, input.presentSecrets));
  return [gateService(host, deployment.egress, clients, input.gateBundle, { routes, ca: deployment.ca, trailDays: deployment.trailDays })];
}

function linkOf(node: NodeEntry, deployment: Deployment, input: CompileInput): readonly Service[] {
  const gateway = deployment.gateways.find((one) => one.name === node.gateway);
  if (!node.link || !gateway) return [];
  const hostKeys = input.linkHostKeys?.get(gateway.host) ?? [];
  return [linkServiceOf({ node: node.name, host: node.host, link: node.link, gatewayPort: gateway.port, hostKeys })];
}

function compileGateway(deployment: Deployment, gateway: GatewayEntry, input: CompileInput): Service {
  const { model, memory, channels } = withSecrets(gateway, input.presentSecrets);
  return {
    name: gatewayService(gateway.name),
    role: 'gateway',
    key: gateway.name,
    host: gateway.host,
    hostname: gateway.name,
    command: gatewayCommand(),
    env: gatewayEnvironment({ hasCa: deployment.ca !== undefined, memorySearch: memory?.search.provider }),
    files: [
      {
        name: CONFIG_FILE,
        content: gatewayConfig({
          openclaw: deployment.openclaw,
          publishedAddress: gateway.bind,
          publishedPort: gateway.port,
          ...(model ? { model } : {}),
          ...(memory ? { memory } : {}),
          ...(channels ? { channels } : {}),
          ...execNode(deployment, gateway, input.deviceIds),
        }),
        hot: true,
      },
      ...authority(deployment),
    ],
    secrets: [
      { name: gatewayTokenName(gateway.name), file: GATEWAY_TOKEN_SECRET },
      // With routes the gate has them, and this service none.
      ...(gateway.credentials === 'route' ? [] : gatewaySecrets(gateway))
        .filter((name) => input.presentSecrets.has(name))
        .map((name) => ({ name, file: name })),
    ],
    network: 'none',
    listeners: [{ name: 'ingress', toPort: INSIDE.gatewayPort }],
    forwards: [{ port: INSIDE.proxyPort, service: GATE, listener: egressListener(gatewayService(gateway.name)) }],
    published: gateway.runtime === 'docker' ? [] : publishedOf(gateway, 'ingress'),
    limits: { ...GATEWAY_LIMITS, diskMiB: gateway.diskMiB },
    health: { kind: 'http', path: GATEWAY_HEALTH_PATH, timeoutMs: 120_000 },
    after: [GATE],
    stopGraceMs: 15_000,
  };
}

/**
 * The node that exec runs on. OpenClaw refuses any other node than the one it is bound to, so that a gateway with
 * several nodes is bound to none: its agent names one for each command.
 */
function execNode(deployment: Deployment, gateway: GatewayEntry, deviceIds: CompileInput['deviceIds']): Pick<GatewayConfigInput, 'node'> {
  const [node, ...others] = deployment.nodes.filter((one) => one.gateway === gateway.name);
  if (!node) return {};
  const deviceId = others.length === 0 ? deviceIds.get(node.name) : undefined;
  return { node: deviceId === undefined ? {} : { deviceId } };
}

/** What of a gateway is configured: what lacks its secret is left out, with no reference to a file that is not there. */
function withSecrets(
  { credentials, model, memory, channels }: GatewayEntry,
  present: ReadonlySet<string>,
): Pick<GatewayConfigInput, 'model' | 'memory' | 'channels'> {
  const telegram = channels?.telegram;
  const peers = (credentials === 'route' ? (channels?.a2a?.peers ?? []) : [])
    .filter(({ token }) => present.has(token.secret))
    .map(({ name, path }) => ({ name, route: peerRoute(name), path }));
  const search = memory?.search;
  const own = (secret: string): { readonly secret?: string } => (credentials === 'route' ? {} : { secret });
  return {
    ...(model && present.has(model.apiKey.secret)
      ? { model: { provider: model.provider, id: model.id, ...own(model.apiKey.secret) } }
      : {}),
    ...(search && present.has(search.apiKey.secret)
      ? { memory: { search: { provider: search.provider, ...own(search.apiKey.secret) } } }
      : {}),
    channels: {
      ...(telegram && present.has(telegram.botToken.secret)
        ? { telegram: { ...own(telegram.botToken.secret), allowFrom: telegram.allowFrom } }
        : {}),
      ...(peers.length === 0 ? {} : { a2a: { peers } }),
    },
  };
}

function compileNode(deployment: Deployment, node: NodeEntry): Service {
  const towards = node.link
    ? { service: linkService(node.name), listener: 'link' }
    : { service: gatewayService(node.gateway), listener: 'ingress' };
  return {
    name: nodeService(node.name),
    role: 'node',
    key: node.name,
    host: node.host,
    hostname: node.name,
    command: nodeCommand(node.name),
    env: nodeEnvironment({ hasCa: deployment.ca !== undefined }),
    files: [{ name: CONFIG_FILE, content: nodeConfig(deployment.openclaw) }, ...authority(deployment)],
    secrets: [],
    ...(node.volumes.length === 0 ? {} : { volumes: node.volumes }),
    network: 'none',
    listeners: [],
    forwards: [
      { port: INSIDE.proxyPort, service: GATE, listener: egressListener(nodeService(node.name)) },
      { port: INSIDE.linkPort, ...towards },
    ],
    published: [],
    limits: { ...NODE_LIMITS, diskMiB: node.diskMiB },
    health: { kind: 'ready-line', text: NODE_READY_LINE, timeoutMs: 90_000 },
    after: [GATE, towards.service],
    stopGraceMs: 10_000,
  };
}

function authority(deployment: Deployment): readonly ServiceFile[] {
  return deployment.ca === undefined ? [] : [{ name: CA_FILE, content: deployment.ca }];
}
