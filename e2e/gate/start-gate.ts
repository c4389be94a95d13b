import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gateBundle } from '../../src/gate/bundle.ts';
import type { GateLimits } from '../../src/gate/settings.ts';
import { askUnix } from '../../src/hosts/unix-socket.ts';
import { controlGate } from '../../src/audit/control-client.ts';
import { GATE_NODE_FLAGS, type GateAnswer, type GateRequest } from '../../src/policy/gate-protocol.ts';
import { type Overrides, renderOverrides } from '../../src/policy/overrides.ts';
import type { EgressPolicy, Rule } from '../../src/policy/policy.ts';
import { renderPolicy } from '../../src/policy/policy-file.ts';

export type GateOptions = {
  readonly limits?: Partial<GateLimits>;
  readonly trail?: { readonly fileBytes?: number; readonly files?: number };
  readonly audit?: 'best-effort' | 'required';
  readonly clients?: readonly string[];
  /** Resolvers to ask instead of the lab's. */
  readonly dns?: readonly string[];
  readonly policy?: EgressPolicy | string;
  /** Routes by client and provider, each with the key that its file holds. */
  readonly routes?: readonly {
    readonly client: string;
    readonly provider: string;
    readonly peer?: object;
    readonly key: string;
    readonly budget?: object;
  }[];
  /** A PEM file of authorities to trust for them. */
  readonly caFile?: string;
  /** A folder of an earlier gate, to start again on its state. */
  readonly folder?: string;
};

/** A running gate of one test: the real bundle, inherited listeners and a life line, as the runtime starts it. */
export type RunningGate = {
  readonly folder: string;
  readonly trailFolder: string;
  readonly child: ChildProcess;
  readonly path: (client: string) => string;
  readonly ask: (request: GateRequest) => Promise<GateAnswer>;
  readonly setPolicy: (policy: EgressPolicy | string) => void;
  readonly setOverrides: (overrides: Overrides) => void;
  readonly stderr: () => string;
  readonly cutLifeLine: () => void;
  readonly kill: (signal: 'SIGKILL' | 'SIGTERM') => Promise<void>;
  readonly remove: () => Promise<void>;
};

export function policyOf(allow: readonly string[], more: Partial<EgressPolicy> = {}): EgressPolicy {
  return { version: 1, deployment: 'home', mode: 'enforce', allow: allow.map(ruleOf), deny: [], ...more };
}

export function ruleOf(text: string): Rule {
  const [host = '', port = '443'] = text.split(' ');
  return { host, port: Number(port), source: 'lobsterpot.yaml' };
}

let bundle: Promise<string> | undefined;

export async function startGate(options: GateOptions = {}): Promise<RunningGate> {
  bundle ??= gateBundle();
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'gate-'));
  const config = join(folder, 'config');
  const trailFolder = join(folder, 'trail');
  mkdirSync(config, { recursive: true });
  const clients = options.clients ?? ['gateway-main', 'node-nas'];
  const replace = (name: string, text: string): void => {
    writeFileSync(join(config, `.${name}`), text);
    renameSync(join(config, `.${name}`), join(config, name));
  };
  const setPolicy = (policy: EgressPolicy | string): void =>
    replace('policy.json', typeof policy === 'string' ? policy : renderPolicy(policy));
  replace('gate.mjs', await bundle);
  replace(
    'gate.json',
    JSON.stringify({
      version: 1,
      listeners: [{ fd: 4, kind: 'control' }, ...clients.map((client, index) => ({ fd: 5 + index, kind: 'egress', client }))],
      policyFile: join(config, 'policy.json'),
      overridesFile: join(config, 'overrides.json'),
      trail: { folder: trailFolder, ...options.trail },
      ...(options.audit ? { audit: options.audit } : {}),
      ...(options.dns ? { dns: options.dns } : {}),
      ...(options.routes
        ? {
            accountsFile: join(folder, 'state/routes.json'),
            routes: options.routes.map(({ client, provider, peer, budget }, index) => ({
              client,
              provider,
              ...(peer ? { peer } : {}),
              ...(budget ? { budget } : {}),
              secretFile: join(config, `key-${index}`),
            })),
          }
        : {}),
      limits: options.limits ?? {},
    }),
  );
  if (options.policy !== undefined) setPolicy(options.policy);
  for (const [index, { key }] of (options.routes ?? []).entries()) replace(`key-${index}`, key);
  const path = (client: string): string => join(folder, `${client}.sock`);
  const listeners = await Promise.all(['control', ...clients].map((name) => listenAt(path(name))));
  const child = spawn(process.execPath, [...GATE_NODE_FLAGS, join(config, 'gate.mjs'), join(config, 'gate.json')], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', ...listeners.map(fdOf)],
    env: options.caFile === undefined ? {} : { NODE_EXTRA_CA_CERTS: options.caFile },
  });
  for (const listener of listeners) listener.close();
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exited = once(child, 'exit');
  await Promise.race([
    new Promise<void>((resolve) => child.stderr?.on('data', () => said.includes('gate: ready\n') && resolve())),
    exited.then(() => Promise.reject(new Error(`the gate ended: ${said}`))),
    new Promise((_resolve, reject) => setTimeout(() => reject(new Error(`the gate is not ready: ${said}`)), 10_000).unref()),
  ]);
  const kill = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
  };
  return {
    folder,
    trailFolder,
    child,
    path,
    ask: (request) => controlGate((line) => askUnix(path('control'), line, { timeoutMs: 5000 }), request),
    setPolicy,
    setOverrides: (overrides) => replace('overrides.json', renderOverrides(overrides)),
    stderr: () => said,
    cutLifeLine: () => {
      const line = child.stdio[3];
      if (line && 'destroy' in line) line.destroy();
    },
    kill,
    remove: async () => {
      await kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Listens under another name first: closing our copy of the listener removes the path that it was bound to. */
async function listenAt(path: string): Promise<Server> {
  rmSync(path, { force: true });
  const server = createServer((socket) => socket.destroy());
  server.listen(`${path}.tmp`);
  await once(server, 'listening');
  renameSync(`${path}.tmp`, path);
  return server;
}

/** The descriptor of a listener, for a program that inherits it. */
export function fdOf(server: Server): number {
  const handle: unknown = Reflect.get(server, '_handle');
  const fd: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined;
  if (typeof fd !== 'number') throw new Error('the listener has no descriptor');
  return fd;
}
