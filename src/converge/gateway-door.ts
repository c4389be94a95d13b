import { createServer, type Server, type Socket } from 'node:net';
import { pipeline, type Duplex } from 'node:stream';

import { Problem, reasonOf } from '../core/problem.ts';
import type { GatewayAddress, GatewayRpc } from '../openclaw/rpc.ts';
import { gatewayService } from '../services/names.ts';
import type { GatewayEntry } from '../topology/deployment.ts';
import { gatewayToken, siteOf, type Engine } from './engine.ts';
import type { Site } from './site.ts';

/** How long one call to a gateway may take unless a command asks for more. */
export const RPC_MS = 15_000;
/** The listener of a gateway's own port, by the name that `compile` gives it. */
const LISTENER = 'ingress';

/** An address of a gateway on this machine, for as long as the door is open. */
export type GatewayDoor = AsyncDisposable & { readonly address: GatewayAddress };

/** Connects to a gateway wherever it runs, for one piece of work. */
export async function atGateway<T>(
  engine: Engine,
  name: string,
  use: (rpc: GatewayRpc) => Promise<T>,
  timeoutMs = RPC_MS,
  signal?: AbortSignal,
): Promise<T> {
  const opening = openDoor(engine, name, timeoutMs);
  // While the host is opened: OpenClaw's client is large, and most commands need none.
  const [{ withGateway }, opened] = await Promise.all([import('../openclaw/rpc.ts'), opening]);
  await using door = opened;
  return await withGateway(door.address, use, signal);
}

/** One piece of work at a gateway of which it is not known yet that it runs. */
export type Talk<T> = {
  /** It runs: what was heard. What failed before that was known is tried once more. */
  heard(): Promise<T>;
  /** It does not: nobody waits for it. */
  drop(): void;
};

/** Begins one at once, while others look whether the gateway runs. */
export function beginTalk<T>(engine: Engine, name: string, use: (rpc: GatewayRpc) => Promise<T>): Talk<T> {
  const unwanted = new AbortController();
  const first = atGateway(engine, name, use, RPC_MS, unwanted.signal);
  let hasFailed = false;
  first.catch(() => (hasFailed = true));
  return {
    heard: () => (hasFailed ? atGateway(engine, name, use) : first),
    drop: () => unwanted.abort(),
  };
}

/**
 * Opens a way to a gateway: its published port where it runs on this machine without a container, else a loopback port of this
 * process's own, joined with the gateway through the runtime. Whoever connects there still needs the token.
 */
export async function openDoor(engine: Engine, name: string, timeoutMs = RPC_MS): Promise<GatewayDoor> {
  const gateway = entryOf(engine, name);
  const [site, token] = await Promise.all([siteOf(engine, gateway), gatewayToken(engine, name)]);
  if (site.kind === 'process') {
    return { address: { url: `ws://127.0.0.1:${gateway.port}`, token, timeoutMs }, [Symbol.asyncDispose]: async () => {} };
  }
  const { server, port } = await listen(site, gatewayService(name), 0);
  // An open door keeps no process alive.
  server.unref();
  return {
    address: { url: `ws://127.0.0.1:${port}`, token, timeoutMs },
    [Symbol.asyncDispose]: async () => {
      server.close();
    },
  };
}

/**
 * Brings the Control UI of a gateway that runs elsewhere to the same port of this machine's loopback, until it is closed: also where
 * the host's own ssh server forwards nothing. The browser must see it under the port that the gateway knows as its own.
 */
export async function forwardGateway(engine: Engine, name: string): Promise<AsyncDisposable & { readonly port: number }> {
  const { host, port } = entryOf(engine, name);
  const site = await siteOf(engine, { host });
  const { server } = await listen(site, gatewayService(name), port).catch((error: unknown) => {
    throw new Problem('converge/door', `port ${port} of this machine cannot be opened`, {
      cause: reasonOf(error),
      fix: `stop what uses it, or set another port for gateway ${name} in lobsterpot.yaml and run: lobsterpot up`,
      from: error,
    });
  });
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.close();
    },
  };
}

async function listen(site: Site, service: string, at: number): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((client) => void join(site, service, client));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP listener has an address and a port');
  return { server, port: address.port };
}

async function join(site: Site, service: string, client: Socket): Promise<void> {
  client.on('error', () => client.destroy());
  let there: Duplex;
  try {
    there = await site.runtime.connect(service, LISTENER);
  } catch {
    // The client sees a connection that ends, and says so with its own words.
    client.destroy();
    return;
  }
  pipeline(client, there, () => client.destroy());
  pipeline(there, client, () => there.destroy());
}

function entryOf(engine: Engine, name: string): GatewayEntry {
  const gateway = engine.deployment.gateways.find((one) => one.name === name);
  if (!gateway) throw new TypeError(`no gateway ${name}`);
  return gateway;
}
