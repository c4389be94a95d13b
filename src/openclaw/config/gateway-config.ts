import { stableJson, type Json } from '../../core/json.ts';
import { GATEWAY_TOKEN_SECRET, INSIDE, type InsidePaths } from '../inside-paths.ts';
import { channelPlugins, channelSecrets, channelsSection, type Channels } from './channels.ts';
import { knows } from './knows.ts';
import { memorySecrets, memorySection, type MemorySearch } from './memory.ts';
import { NO_KEY, providerApi, routeUrl, type Provider } from './providers.ts';
import { fileRef, secretFile } from './secret-refs.ts';

/** What a gateway's openclaw.json depends on. */
export type GatewayConfigInput = {
  /** The version that reads it; without it the newest. */
  readonly openclaw?: string;
  /** Address and port on the host under which people open the Control UI; without an address on its loopback alone. */
  readonly publishedAddress?: string;
  readonly publishedPort: number;
  /** `secret` is the name of the key's file below /secrets; without it the gate has the key. Give `model` only when there is a key. */
  readonly model?: { readonly provider: Provider; readonly id: string; readonly secret?: string };
  /** Who the memory is searched by, likewise; absent: it is not searched. */
  readonly memory?: MemorySearch;
  /** Those whose token is there, likewise. */
  readonly channels?: Channels;
  /** The node that `exec` runs on: its device id once it is enrolled. Absent: the gateway has no node. */
  readonly node?: { readonly deviceId?: string };
};

/** openclaw.json of a gateway, closed by default. Byte-stable; holds references to secrets, never values. */
export function gatewayConfig(input: GatewayConfigInput, inside: InsidePaths = INSIDE): string {
  return stableJson({
    gateway: gatewaySection(input, inside),
    secrets: {
      providers: {
        [TOKEN_REF]: secretFile(GATEWAY_TOKEN_SECRET, inside),
        ...(input.model?.secret === undefined ? {} : { [MODEL_KEY_REF]: secretFile(input.model.secret, inside) }),
        ...memorySecrets(input.memory, inside),
        ...channelSecrets(input.channels, inside),
      },
    },
    models: models(input.model, inside),
    ...channelsSection(input.channels, inside),
    agents: {
      defaults: {
        ...(input.model ? { model: { primary: `${input.model.provider}/${input.model.id}` } } : {}),
        workspace: `${inside.state}/workspace`,
        heartbeat: { every: '0m' },
      },
    },
    tools: {
      exec: execSection(input.node),
      elevated: { enabled: false },
      // Else the agent's read tool opens any file of the service, its secrets among them.
      fs: { workspaceOnly: true },
      // The default executor is node:vm, which is no boundary between the agent's code and the gateway.
      codeMode: { enabled: 'auto', ...(knows(input.openclaw, 'tools.codeMode.executor') ? { executor: 'quickjs' } : {}) },
    },
    // OpenClaw's own client side of the gate: covers fetch, http, https and WebSocket.
    proxy: { proxyUrl: `http://127.0.0.1:${inside.proxyPort}`, loopbackMode: 'gateway-only' },
    plugins: pluginsSection(input, inside),
    memory: memorySection(input.memory, inside),
    browser: { enabled: false },
    update: { checkOnStart: false, auto: { enabled: false } },
    discovery: { mdns: { mode: 'off' } },
    telemetry: { enabled: false },
    commands: { bash: false, config: false, plugins: false, mcp: false, restart: false },
  });
}

function gatewaySection(input: GatewayConfigInput, inside: InsidePaths): Json {
  return {
    mode: 'local',
    bind: 'loopback',
    port: inside.gatewayPort,
    auth: { mode: 'token', token: fileRef(TOKEN_REF) },
    controlUi: {
      enabled: true,
      allowedOrigins: allowedOrigins(input),
      // Each of these makes the gateway call out, or the model, by itself.
      automaticallyFetchFavicons: false,
      communityInvite: false,
      sessionObserver: false,
    },
    nodes: {
      // Every connection arrives through a forwarder and so looks local: nothing is approved for that.
      pairing: { autoApproveLocal: false, sshVerify: false },
      pluginTools: { enabled: false },
      allowSkills: false,
      browser: { mode: 'off' },
    },
  };
}

/** The origins that a browser may come with: a page elsewhere must not talk to the gateway through it. */
function allowedOrigins({ publishedAddress = '127.0.0.1', publishedPort }: GatewayConfigInput): Json {
  const address = publishedAddress.includes(':') ? `[${publishedAddress}]` : publishedAddress;
  return [...new Set(['127.0.0.1', 'localhost', address])].map((host) => `http://${host}:${publishedPort}`);
}

function pluginsSection(input: GatewayConfigInput, inside: InsidePaths): Json {
  return {
    // A closed list: fourteen plugins load by default, some look around the host or call out by themselves.
    allow: ['device-pair', 'memory-core', ...(input.model ? [input.model.provider] : []), ...channelPlugins(input.channels)].toSorted(),
    entries: {
      'device-pair': { config: { publicUrl: `http://127.0.0.1:${inside.linkPort}` } },
      // Dreaming is a nightly job that spends model tokens.
      'memory-core': { config: { dreaming: { enabled: false } } },
    },
  };
}

function execSection(node: GatewayConfigInput['node']): Json {
  const common = {
    safeBins: [],
    // Without it each command on a node, also a refused one, wakes an agent run that costs tokens.
    notifyOnExit: false,
  };
  if (!node) return { ...common, host: 'node', mode: 'deny' };
  return { ...common, host: 'node', mode: 'allowlist', ...(node.deviceId === undefined ? {} : { node: node.deviceId }) };
}

function models(model: GatewayConfigInput['model'], inside: InsidePaths): Json {
  const common = { mode: 'merge', catalogRefresh: { enabled: false } };
  if (!model) return common;
  const { api, host, path } = providerApi(model.provider);
  const baseUrl = `${model.secret === undefined ? routeUrl(model.provider, inside) : `https://${host}`}${path}`;
  const apiKey = model.secret === undefined ? NO_KEY : fileRef(MODEL_KEY_REF);
  return { ...common, providers: { [model.provider]: { api, baseUrl, apiKey } } };
}

// OpenClaw's names for the files: a secret's own name may hold what it does not take.
const TOKEN_REF = 'gateway_token';
const MODEL_KEY_REF = 'model_key';
