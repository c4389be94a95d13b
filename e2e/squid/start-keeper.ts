import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { controlGate } from '../../src/audit/control-client.ts';
import { askUnix } from '../../src/hosts/unix-socket.ts';
import type { GateAnswer, GateRequest } from '../../src/policy/gate-protocol.ts';
import { type Overrides, renderOverrides } from '../../src/policy/overrides.ts';
import type { EgressPolicy } from '../../src/policy/policy.ts';
import { renderPolicy } from '../../src/policy/policy-file.ts';
import { squidBundle } from '../../src/squid/bundle.ts';
import { fdOf } from '../gate/start-gate.ts';

/** A Squid under its keeper, as its service runs it: a number of its own, no right of root's. */
export type RunningKeeper = {
  readonly trailFolder: string;
  readonly child: ChildProcess;
  /** Where a client comes in. */
  readonly port: (client: string) => number;
  readonly ask: (request: GateRequest) => Promise<GateAnswer>;
  readonly setPolicy: (policy: EgressPolicy) => void;
  readonly setOverrides: (overrides: Overrides) => void;
  readonly conf: () => string;
  readonly stderr: () => string;
  readonly remove: () => Promise<void>;
};

const READY_MS = 20_000;
const UID = 40_013;
const CLIENTS = ['gateway-main', 'node-nas'] as const;

/** Starts the real bundle with the Squid at `squid`. */
export async function startKeeper(squid: string, policy: EgressPolicy, firstPort = 21_000): Promise<RunningKeeper> {
  const folder = mkdtempSync(join(tmpdir(), 'squid-'));
  const [config, trailFolder, run] = ['config', 'trail', 'run'].map((name) => join(folder, name));
  if (config === undefined || trailFolder === undefined || run === undefined) throw new TypeError('no folders');
  mkdirSync(config);
  for (const path of [trailFolder, run]) {
    mkdirSync(path, { mode: 0o700 });
    chownSync(path, UID, UID);
  }
  chmodSync(folder, 0o711);
  const replace = (name: string, text: string): void => {
    writeFileSync(join(config, `.${name}`), text);
    renameSync(join(config, `.${name}`), join(config, name));
  };
  const setPolicy = (next: EgressPolicy): void => replace('policy.json', renderPolicy(next));
  setPolicy(policy);
  replace('keeper.mjs', await squidBundle());
  const [policyFile, overridesFile] = [join(config, 'policy.json'), join(config, 'overrides.json')];
  const listeners = [
    { fd: 4, kind: 'control' },
    ...CLIENTS.map((client, index) => ({ host: '127.0.0.1', port: firstPort + index, kind: 'egress', client })),
  ];
  replace('gate.json', JSON.stringify({ version: 1, listeners, policyFile, overridesFile, trail: { folder: trailFolder } }));
  const clients = CLIENTS.map((client, index) => ({ client, port: firstPort + 50 + index }));
  replace(
    'squid.json',
    JSON.stringify({
      version: 1,
      squid,
      clients,
      healthPort: firstPort + 97,
      logPort: firstPort + 98,
      hopPort: firstPort + 99,
      folder: run,
    }),
  );
  const socket = join(folder, 'control.sock');
  const server = createServer((one) => one.destroy()).listen(`${socket}.tmp`);
  await once(server, 'listening');
  renameSync(`${socket}.tmp`, socket);
  const as = ['setpriv', `--reuid=${UID}`, `--regid=${UID}`, '--clear-groups', '--no-new-privs', '--inh-caps=-all', '--bounding-set=-all'];
  const program = [process.execPath, ...['keeper.mjs', 'gate.json', 'squid.json'].map((name) => join(config, name))];
  const [command = '', ...args] = [...as, ...program];
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe', 'ignore', fdOf(server)], env: { PATH: '/usr/bin:/bin' } });
  server.close();
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exited = once(child, 'exit');
  const late = new Promise((_resolve, reject) => setTimeout(() => reject(new Error(`the keeper is not ready: ${said}`)), READY_MS).unref());
  await Promise.race([
    new Promise<void>((resolve) => child.stderr?.on('data', () => said.includes('gate: ready\n') && resolve())),
    exited.then(() => Promise.reject(new Error(`the keeper ended: ${said}`))),
    late,
  ]);
  return {
    trailFolder,
    child,
    port: (client) => firstPort + CLIENTS.findIndex((one) => one === client),
    ask: (request) => controlGate((line) => askUnix(socket, line, { timeoutMs: 5000 }), request),
    setPolicy,
    setOverrides: (overrides) => replace('overrides.json', renderOverrides(overrides)),
    conf: () => readFileSync(join(run, 'squid.conf'), 'utf8'),
    stderr: () => said,
    remove: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true, force: true });
      removeShared('lobsterpot');
    },
  };
}

/** What a Squid of that name leaves in the machine's shared memory; a container has its own. */
export function removeShared(name: string): void {
  for (const part of ['metadata', 'queues', 'readers']) rmSync(`/dev/shm/${name}-cf__${part}.shm`, { force: true });
}
