import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { until } from '../src/core/wait.ts';
import { gateBundle } from '../src/gate/bundle.ts';
import { GATE_NODE_FLAGS } from '../src/policy/gate-protocol.ts';
import { renderPolicy } from '../src/policy/policy-file.ts';
import { fdOf, policyOf } from '../e2e/gate/start-gate.ts';

/** A proxy under test: the process that does the work, and the address of one client more at each call. */
export type Proxy = { readonly name: string; readonly pid: number; client(): string; stop(): Promise<void> };

/** What all of them allow: one name, one port. */
export type Allowed = { readonly host: string; readonly port: number; readonly resolver: string };

const READY_MS = 30_000;
// More than are ever open at a time, so that neither is measured refusing.
const MOST = 1200;
// The gate records so many connections of one client one by one and refuses more: each thing measured is another client's.
const CLIENTS = Array.from({ length: 24 }, (_, index) => `client-${index}`);

/** The gate as it runs in a container: its bundle, every check and the trail on, a listener a client. */
export async function startBenchGate(folder: string, allowed: Allowed): Promise<Proxy> {
  const config = join(folder, 'gate');
  mkdirSync(config, { recursive: true });
  const file = (name: string, text: string): string => {
    writeFileSync(join(config, name), text);
    return join(config, name);
  };
  const control = await listening();
  const listeners = await Promise.all(CLIENTS.map(listening));
  const settings = {
    version: 1,
    listeners: [{ fd: 4, kind: 'control' }, ...CLIENTS.map((client, index) => ({ fd: 5 + index, kind: 'egress', client }))],
    policyFile: file('policy.json', renderPolicy(policyOf([`${allowed.host} ${allowed.port}`]))),
    overridesFile: join(config, 'overrides.json'),
    trail: { folder: join(config, 'trail') },
    limits: { perClient: MOST, connections: MOST },
  };
  const argv = [...GATE_NODE_FLAGS, file('gate.mjs', await gateBundle()), file('gate.json', JSON.stringify(settings))];
  const child = spawn(process.execPath, argv, {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', ...[control, ...listeners].map(fdOf)],
    env: {},
  });
  const ports = listeners.map(portOf);
  for (const one of [control, ...listeners]) one.close();
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await ready('the gate', child, () => Promise.resolve(said.includes('gate: ready\n')));
  const client = (): string => {
    const port = ports.shift();
    if (port === undefined) throw new TypeError('there are no more clients');
    return `127.0.0.1:${port}`;
  };
  return { name: 'gate', pid: pidOf(child), client, stop: () => ended(child) };
}

/** Squid with the same rule, as Debian builds it: names and ports are checked, a ClientHello is not; its access log on. */
export async function startSquid(folder: string, allowed: Allowed): Promise<Proxy> {
  const own = join(folder, 'squid');
  mkdirSync(own, { recursive: true });
  for (const [path, mode] of [
    [folder, 0o711],
    [own, 0o777],
  ] as const)
    chmodSync(path, mode);
  const port = 13_128;
  const file = join(own, 'squid.conf');
  writeFileSync(
    file,
    [
      `http_port 127.0.0.1:${port}`,
      'acl connect method CONNECT',
      `acl name dstdomain -n ${allowed.host}`,
      `acl port port ${allowed.port}`,
      'http_access allow connect name port',
      'http_access deny all',
      `dns_nameservers ${allowed.resolver}`,
      `access_log stdio:${join(own, 'access.log')}`,
      `cache_log ${join(own, 'cache.log')}`,
      'cache deny all',
      'cache_mem 8 MB',
      'pid_filename none',
      'pinger_enable off',
      'shutdown_lifetime 0 seconds',
      'max_filedescriptors 8192',
      '',
    ].join('\n'),
  );
  const child = spawn('squid', ['-N', '-n', 'bench', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  await ready('squid', child, () => isAnswering(port));
  return { name: 'squid', pid: pidOf(child), client: () => `127.0.0.1:${port}`, stop: () => ended(child) };
}

/** What a process has used so far, in seconds of a processor, and what it holds, in MiB. */
export function usageOf(pid: number): { readonly cpuSeconds: number; readonly rssMiB: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  // In ticks of a hundredth of a second, on every Linux that Node runs on.
  return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100, rssMiB: Number(rss) / 1024 };
}

async function listening(): Promise<Server> {
  const server = createServer((socket) => socket.destroy()).listen({ host: '127.0.0.1', port: 0, backlog: 4096 });
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('the listener has no port');
  return address.port;
}

/** Throws when it never started. */
export function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new TypeError('it did not start');
  return pid;
}

async function isAnswering(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
  return answer !== undefined;
}

/** Waits until a program is ready, and throws when it ends before. */
export async function ready(what: string, child: ChildProcess, isReady: () => Promise<boolean>): Promise<void> {
  const found = await until(
    async () => {
      if (child.exitCode !== null) throw new Error(`${what} ended with ${child.exitCode}`);
      return (await isReady()) || undefined;
    },
    { timeoutMs: READY_MS, everyMs: 20 },
  );
  if (found !== true) throw new Error(`${what} is not ready`);
}

/** Kills it and waits for that. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
}
