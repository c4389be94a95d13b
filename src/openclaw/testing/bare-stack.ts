import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redacted } from '../../core/redacted.ts';
import { until } from '../../core/wait.ts';
import { GATEWAY_HEALTH_PATH, gatewayCommand } from '../config/commands.ts';
import { gatewayEnvironment, nodeEnvironment } from '../config/environment.ts';
import { gatewayConfig, type GatewayConfigInput } from '../config/gateway-config.ts';
import { nodeConfig } from '../config/node-config.ts';
import type { Once } from '../enrol.ts';
import { CONFIG_FILE, GATEWAY_TOKEN_SECRET } from '../inside-paths.ts';
import type { GatewayAddress } from '../rpc.ts';
import { BareService, type BareRuntime } from './bare-service.ts';

// Unused on any common system; each service has its own.
const FIRST_UID = 61_310;

// Nothing listens there: every call out is refused at once.
const NOBODY = 1;

/** A real gateway and any number of real node hosts, uncontained, for tests of this room. */
export class BareStack implements AsyncDisposable {
  readonly gateway: BareService;
  readonly address: GatewayAddress;
  readonly port: number;
  readonly #root: string;
  readonly #runtime: BareRuntime;
  readonly #nodes: BareService[] = [];
  readonly #proxyPort: number;

  private constructor(
    root: string,
    runtime: BareRuntime,
    ports: { readonly gateway: number; readonly proxy: number },
    input: Partial<GatewayConfigInput>,
  ) {
    const { gateway: port } = ports;
    this.#proxyPort = ports.proxy;
    this.#root = root;
    this.#runtime = runtime;
    this.port = port;
    this.gateway = new BareService({
      root: join(root, 'gateway'),
      runtime,
      uid: FIRST_UID,
      ports: this.#ports(),
      env: (inside) => gatewayEnvironment({ hasCa: false }, inside),
    });
    const token = randomBytes(24).toString('hex');
    this.gateway.secret(GATEWAY_TOKEN_SECRET, token);
    if (input.model?.secret !== undefined) this.gateway.secret(input.model.secret, 'sk-not-a-key');
    this.gateway.config(CONFIG_FILE, gatewayConfig({ publishedPort: port, ...input }, this.gateway.inside));
    this.address = { url: `ws://127.0.0.1:${port}`, token: new Redacted(token), timeoutMs: 20_000 };
  }

  /** Gives the stack when its gateway is healthy; what listens on `proxyPort` stands for the gate. */
  static async start(runtime: BareRuntime, input: Partial<GatewayConfigInput>, proxyPort = NOBODY): Promise<BareStack> {
    const root = mkdtempSync(join(tmpdir(), 'lobsterpot-test-'));
    chmodSync(root, 0o755);
    const stack = new BareStack(root, runtime, { gateway: await freePort(), proxy: proxyPort }, input);
    stack.gateway.start(gatewayCommand());
    const healthy = await until(async () => ((await stack.#isHealthy()) ? true : undefined), { timeoutMs: 90_000, everyMs: 250 });
    if (healthy) return stack;
    const log = stack.gateway.log();
    await stack[Symbol.asyncDispose]();
    throw new Error(`the gateway did not get healthy:\n${log}`);
  }

  /** A node host that dials the gateway directly: there is no link between bare processes. */
  node(name: string, more: Readonly<Record<string, string>> = {}): BareService {
    const node = new BareService({
      root: join(this.#root, name),
      runtime: this.#runtime,
      uid: FIRST_UID + 1 + this.#nodes.length,
      ports: this.#ports(),
      env: (inside) => ({ ...nodeEnvironment({ hasCa: false }, inside), ...more }),
    });
    node.config(CONFIG_FILE, nodeConfig());
    this.#nodes.push(node);
    return node;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.#nodes) await node.stop();
    await this.gateway.stop();
    for (const service of [this.gateway, ...this.#nodes]) service.removeLocks();
    rmSync(this.#root, { recursive: true, force: true });
  }

  #ports(): { readonly gatewayPort: number; readonly linkPort: number; readonly proxyPort: number } {
    return { gatewayPort: this.port, linkPort: this.port, proxyPort: this.#proxyPort };
  }

  async #isHealthy(): Promise<boolean> {
    const url = `http://127.0.0.1:${this.port}${GATEWAY_HEALTH_PATH}`;
    return fetch(url, { signal: AbortSignal.timeout(2000) }).then(
      (answer) => answer.ok,
      () => false,
    );
  }
}

/** `Runtime.once` for one bare service. */
export function onceIn(service: BareService): Once {
  return (_name, command, options) => service.once(command, options);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address !== 'object') throw new Error('no port');
  return address.port;
}
