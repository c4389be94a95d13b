import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LAB } from '../e2e/lab/addresses.ts';
import { currentLab } from '../e2e/lab/lab-client.ts';
import { PLAIN_PATH, run } from '../src/hosts/run.ts';
import { loadResult, PESTS, type LoadResult, type Sample } from './gate-samples.ts';
import { startPeekingSquid } from './peeking-squid.ts';
import { startBenchGate, startSquid, usageOf, type Allowed, type Proxy } from './proxies.ts';

// Runs on the lab's host (gate.ts starts it there): gate-inside.ts TUNNELS ROUNDS [SQUID-WITH-OPENSSL]. Prints one line of JSON a sample.
const [, , tunnels = '', rounds = '3', openssl] = process.argv;

const HOST = 'api.anthropic.com';
const PORT = 9443;
const ALLOWED: Allowed = { host: HOST, port: PORT, resolver: LAB.resolver };
const LOAD_MS = 120_000;
const HOLD_MS = 2000;
const SLOW = 250;
const SLOW_SECONDS = 8;

/** Of each kind, at the same time; every one of them has to be held or ended while others are served. */
const PEST_COUNT = 200;

type Load = { readonly atATime: number; readonly count: number; readonly bytes: number; readonly holdMs?: number };

const BULK: Load = { atATime: 8, count: 8, bytes: 400_000_000 };
const MANY: Load = { atATime: 16, count: 3500, bytes: 1 };
/** Not counted: a gate runs for months. */
const WARM = Array.from({ length: 3 }, () => [undefined, MANY] as const);
const ALONE: Load = { atATime: 1, count: 500, bytes: 1 };
const HELD: Load = { atATime: 1000, count: 1000, bytes: 1, holdMs: HOLD_MS };
const HALF: Load = { atATime: 500, count: 500, bytes: 1, holdMs: HOLD_MS };

const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-bench-gate-'));
// Squid gives up root's rights and must still reach its log.
chmodSync(folder, 0o711);
// Tens of thousands of connections to one place within minutes: else the kernel's search for a free port is what is measured.
writeFileSync('/proc/sys/net/ipv4/ip_local_port_range', '20000 65535');
writeFileSync('/proc/sys/net/ipv4/tcp_tw_reuse', '1');
// The source is on the internet's side: the gate refuses the addresses of its own host.
const source = spawn('nsenter', ['--target', '1', '--net', '--', tunnels, 'source', String(PORT)], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  // As long as a real one's: neither proxy asks for each tunnel.
  await currentLab()?.setName(HOST, { kind: 'same', addresses: [LAB.model], ttl: 60 });
  await once(source.stdout, 'data');
  for (let round = 0; round < Number(rounds); round += 1) {
    tell({ what: 'bulk', proxy: 'direct', ...(await load('-', BULK)) });
    tell({ what: 'many', proxy: 'direct', ...(await load('-', MANY)) });
    for (const start of proxies()) {
      const proxy = await start(join(folder, String(round)), ALLOWED);
      try {
        await sampled(proxy);
      } finally {
        await proxy.stop();
      }
    }
  }
} finally {
  source.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

function proxies(): readonly ((folder: string, allowed: Allowed) => Promise<Proxy>)[] {
  if (openssl === undefined) return [startBenchGate, startSquid];
  return [startBenchGate, startSquid, (own, allowed) => startPeekingSquid(own, allowed, openssl)];
}

/** Everything that is asked of one proxy, from idle on. */
async function sampled(proxy: Proxy): Promise<void> {
  const { name, pid } = proxy;
  const idleMiB = usageOf(pid).rssMiB;
  // Once without counting: the name is known and the program is warm.
  await load(proxy.client(), ALONE);
  for (const [what, how] of [
    ['half', HALF],
    ['held', HELD],
  ] as const) {
    const busy = load(proxy.client(), how);
    let mostMiB = 0;
    const watch = setInterval(() => (mostMiB = Math.max(mostMiB, usageOf(pid).rssMiB)), 100);
    const done = await busy.finally(() => clearInterval(watch));
    tell({ what, proxy: name, ...done, mostMiB });
  }
  for (const [what, how] of [
    // Once on its own line: what a program runs often, V8 compiles only then, and it has done with that some thousands later.
    ['first', MANY],
    ...WARM,
    ['bulk', BULK],
    ...WARM,
    ['many', MANY],
  ] as const) {
    const before = usageOf(pid).cpuSeconds;
    const done = await load(proxy.client(), how);
    if (what === undefined) continue;
    tell({ what, proxy: name, ...done, proxyCpuSeconds: usageOf(pid).cpuSeconds - before, idleMiB, endMiB: usageOf(pid).rssMiB });
  }
  tell({ what: 'alone', proxy: name, ...(await load(proxy.client(), ALONE)) });
  const slow = spawn(tunnels, ['loris', proxy.client(), String(SLOW), String(SLOW_SECONDS)], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(slow.stdout, 'data');
  tell({ what: 'beside slow ones', proxy: name, ...(await load(proxy.client(), ALONE)) });
  slow.kill('SIGKILL');
  for (const kind of PESTS) {
    const argv = ['pest', kind, proxy.client(), `${HOST}:${PORT}`, HOST, String(PEST_COUNT), String(SLOW_SECONDS)];
    const pest = spawn(tunnels, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(pest.stdout, 'data');
    tell({ what: `beside ${kind}`, proxy: name, ...(await load(proxy.client(), ALONE)) });
    pest.kill('SIGKILL');
    await once(pest, 'exit');
  }
}

/** One run of the load; `-`: without a proxy. */
async function load(proxy: string, { atATime, count, bytes, holdMs = 0 }: Load): Promise<LoadResult> {
  const target = proxy === '-' ? `${LAB.model}:${PORT}` : `${HOST}:${PORT}`;
  const args = ['load', proxy, target, HOST, ...[atATime, count, bytes, holdMs].map(String)];
  const ended = await run([tunnels, ...args], { timeoutMs: LOAD_MS, env: { PATH: PLAIN_PATH } });
  if (ended.code !== 0) throw new Error(`the load ended with ${ended.code ?? ended.signal}: ${ended.stderr}`);
  return loadResult.parse(JSON.parse(ended.stdout));
}

function tell(sample: Sample): void {
  process.stdout.write(`${JSON.stringify(sample)}\n`);
}
