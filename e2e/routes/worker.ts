import { rmSync, writeFileSync } from 'node:fs';
import { createServer, connect, type Server } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { NO_CALLER } from '../../src/openclaw/config/channels.ts';
import { gatewayConfig } from '../../src/openclaw/config/gateway-config.ts';
import { CONFIG_FILE } from '../../src/openclaw/inside-paths.ts';
import { BareStack } from '../../src/openclaw/testing/bare-stack.ts';
import { ModelRoute } from '../../src/openclaw/testing/model-route.ts';
import { testRuntime } from '../../src/openclaw/testing/test-runtime.ts';
import { until } from '../../src/core/wait.ts';
import { peerSocket } from '../lab/peer-site.ts';

const MODEL = { provider: 'anthropic', id: 'claude-sonnet-5' } as const;
// What this worker is called by those who ask it, in its own configuration.
const CALLER = { a2a: { peers: [{ name: 'ceo', route: 'a2a-ceo', path: '/a2a/v1' }] } };

/** A second real OpenClaw, which takes tasks over A2A from whoever has the token; the lab's site ends TLS before it. */
export class Worker implements AsyncDisposable {
  readonly #stack: BareStack;
  readonly #model: ModelRoute;
  readonly #door: Server;
  readonly #socket: string;

  private constructor(parts: { readonly stack: BareStack; readonly model: ModelRoute; readonly door: Server; readonly socket: string }) {
    this.#stack = parts.stack;
    this.#model = parts.model;
    this.#door = parts.door;
    this.#socket = parts.socket;
  }

  /** Gives it when it takes the token, and nothing without. */
  static async start(folder: string, token: string): Promise<Worker> {
    const model = await ModelRoute.start();
    const stack = await BareStack.start(await testRuntime(), { model: MODEL, channels: CALLER }, model.port);
    const door = createServer((client) => {
      const inner = connect(stack.port, '127.0.0.1');
      for (const socket of [client, inner]) socket.on('error', () => [client, inner].forEach((one) => one.destroy()));
      client.pipe(inner).pipe(client);
    });
    const socket = peerSocket(folder);
    door.listen(socket);
    await once(door, 'listening');
    const worker = new Worker({ stack, model, door, socket });
    // The door that lobsterpot closes is what this one is here for.
    const config = gatewayConfig({ publishedPort: stack.port, model: MODEL, channels: CALLER }, stack.gateway.inside);
    writeFileSync(join(stack.gateway.inside.config, CONFIG_FILE), config.replace(JSON.stringify(NO_CALLER), JSON.stringify(token)));
    const takes = async () => ((await worker.#status(token)) === 200 ? true : undefined);
    if (await until(takes, { timeoutMs: 60_000, everyMs: 250 })) return worker;
    const log = stack.gateway.log();
    await worker[Symbol.asyncDispose]();
    throw new Error(`the worker does not take its token:\n${log}`);
  }

  /** The messages that its own model was asked with, in turns of the agent. */
  turns(): number {
    return this.#model.seen.filter(({ model }) => model === MODEL.id).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#door.close();
    rmSync(this.#socket, { force: true });
    await this.#stack[Symbol.asyncDispose]();
    this.#model.close();
  }

  #status(token: string): Promise<number> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'GetTask', params: { id: 'none' } });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return fetch(`http://127.0.0.1:${this.#stack.port}/a2a/v1`, { method: 'POST', headers, body, signal: AbortSignal.timeout(5000) }).then(
      ({ status }) => status,
      () => 0,
    );
  }
}
