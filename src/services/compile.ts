import { GATEWAY_HEALTH_PATH, gatewayCommand, NODE_READY_LINE, nodeCommand } from '../openclaw/config/commands.ts';
import { gatewayEnvironment, nodeEnvironment } from '../openclaw/config/environment.ts';
import { gatewayConfig, type GatewayConfigInput } from '../openclaw/config/gateway-config.ts';
import { nodeConfig } from '../openclaw/config/node-config.ts';
import { CA_FILE, CONFIG_FILE, GATEWAY_TOKEN_SECRET, INSIDE } from '../openclaw/inside-paths.ts';
import { gatewaySecrets } from '../topology/channels.ts';
import type { Deployment, GatewayEntry, NodeEntry } from '../topology/deployment.ts';
import { egressListener, gateService } from './gate-service.ts';
import { GATE, gatewayService, gatewayTokenName, nodeService } from './names.ts';
import type { Service, ServiceFile } from './service.ts';

/** What is known beside the file when it is compiled. */
export type CompileInput = {
  /** The gate's program, one file. */
  readonly gateBundle: string;
  /** Secrets that have a value; a model or a channel whose secret is not among them is left out of OpenClaw's config. */
  readonly presentSecrets: ReadonlySet<string>;
  /** Node name -> device id, for the enrolled ones. */
  readonly deviceIds: ReadonlyMap<string, string>;
};

const GATEWAY_LIMITS = { memoryMiB: 2048, processes: 512, openFiles: 4096, fileMiB: 4096, tmpMiB: 256 };
const NODE_LIMITS = { memoryMiB: 1536, processes: 512, openFiles: 4096, fileMiB: 4096, tmpMiB: 256 };

/** A deployment as Services, in start order. Pure. */
export function compile(deployment: Deployment, input: CompileInput): readonly Service[] {
  const clients = [
    ...deployment.gateways.map((gateway) => gatewayService(gateway.name)),
    ...deployment.nodes.map((node) => nodeService(node.name)),
  ];
  const host = deployment.gateways[0]?.host ?? '';
  return [
    gateService(host, deployment.egress, clients, input.gateBundle),
    ...deployment.gateways.map((gateway) => compileGateway(deployment, gateway, input)),
    ...deployment.nodes.map((node) => compileNode(deployment, node)),
  ];
}

function compileGateway(deployment: Deployment, gateway: GatewayEntry, input: CompileInput): Service {
  const { model, channels } = withSecrets(gateway, input.presentSecrets);
  const node = deployment.nodes.find((one) => one.gateway === gateway.name);
  const deviceId = node && input.deviceIds.get(node.name);
  return {
    name: gatewayService(gateway.name),
    role: 'gateway',
    key: gateway.name,
    host: gateway.host,
    hostname: gateway.name,
    command: gatewayCommand(),
    env: gatewayEnvironment({ hasCa: deployment.ca !== undefined }),
    files: [
      {
        name: CONFIG_FILE,
        content: gatewayConfig({
          publishedPort: gateway.port,
          ...(model ? { model } : {}),
          ...(channels ? { channels } : {}),
          ...(node ? { node: deviceId === undefined ? {} : { deviceId } } : {}),
        }),
        hot: true,
      },
      ...authority(deployment),
    ],
    secrets: [
      { name: gatewayTokenName(gateway.name), file: GATEWAY_TOKEN_SECRET },
      ...gatewaySecrets(gateway)
        .filter((name) => input.presentSecrets.has(name))
        .map((name) => ({ name, file: name })),
    ],
    network: 'none',
    listeners: [{ name: 'ingress', toPort: INSIDE.gatewayPort }],
    forwards: [{ port: INSIDE.proxyPort, service: GATE, listener: egressListener(gatewayService(gateway.name)) }],
    published: [{ address: '127.0.0.1', port: gateway.port, listener: 'ingress' }],
    limits: GATEWAY_LIMITS,
    health: { kind: 'http', path: GATEWAY_HEALTH_PATH, timeoutMs: 120_000 },
    after: [GATE],
    stopGraceMs: 15_000,
  };
}

/** What of a gateway is configured: what lacks its secret is left out, with no reference to a file that is not there. */
function withSecrets({ model, channels }: GatewayEntry, present: ReadonlySet<string>): Pick<GatewayConfigInput, 'model' | 'channels'> {
  const telegram = channels?.telegram;
  return {
    ...(model && present.has(model.apiKey.secret)
      ? { model: { provider: model.provider, id: model.id, secret: model.apiKey.secret } }
      : {}),
    ...(telegram && present.has(telegram.botToken.secret)
      ? { channels: { telegram: { secret: telegram.botToken.secret, allowFrom: telegram.allowFrom } } }
      : {}),
  };
}

function compileNode(deployment: Deployment, node: NodeEntry): Service {
  const gateway = gatewayService(node.gateway);
  return {
    name: nodeService(node.name),
    role: 'node',
    key: node.name,
    host: node.host,
    hostname: node.name,
    command: nodeCommand(node.name),
    env: nodeEnvironment({ hasCa: deployment.ca !== undefined }),
    files: [{ name: CONFIG_FILE, content: nodeConfig() }, ...authority(deployment)],
    secrets: [],
    network: 'none',
    listeners: [],
    forwards: [
      { port: INSIDE.proxyPort, service: GATE, listener: egressListener(nodeService(node.name)) },
      { port: INSIDE.linkPort, service: gateway, listener: 'ingress' },
    ],
    published: [],
    limits: NODE_LIMITS,
    health: { kind: 'ready-line', text: NODE_READY_LINE, timeoutMs: 90_000 },
    after: [GATE, gateway],
    stopGraceMs: 10_000,
  };
}

function authority(deployment: Deployment): readonly ServiceFile[] {
  return deployment.ca === undefined ? [] : [{ name: CA_FILE, content: deployment.ca }];
}
