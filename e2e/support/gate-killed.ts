import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { trailFiles, trailLines } from '../../src/audit/trail-files.ts';
import { readRecord } from '../../src/audit/trail-record.ts';
import type { Runtime } from '../../src/runtimes/runtime.ts';
import { slowness } from './slowness.ts';

// Inside a client: holds tunnels open, asks for new ones all the time, and tries every other way out meanwhile.
const SCRIPT = `
const net = require('node:net'), tls = require('node:tls'), dgram = require('node:dgram'), dns = require('node:dns').promises;
const { target, name, direct, forMs } = JSON.parse(process.argv[1]);
const began = performance.now();
const left = () => forMs - (performance.now() - began);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const ask = () => new Promise((resolve) => {
  const socket = net.connect(3128, '127.0.0.1', () => socket.write('CONNECT ' + target + ' HTTP/1.1\\r\\nHost: ' + target + '\\r\\n\\r\\n'));
  const end = (code) => { clearTimeout(limit); resolve({ socket, code }); };
  const limit = setTimeout(() => { socket.destroy(); end(0); }, 1000);
  socket.once('data', (data) => end(Number(String(data).slice(9, 12))));
  socket.on('error', () => end(0)).on('close', () => end(0));
});
const hold = async (tunnels) => {
  const { socket, code } = await ask();
  if (code !== 200) return;
  tunnels.open += 1;
  socket.on('close', () => { tunnels.lost += 1; });
  tls.connect({ socket, ...(name ? { servername: name } : {}), rejectUnauthorized: false }).on('error', () => undefined);
};
const reach = () => new Promise((resolve) => {
  const socket = net.connect({ host: direct.host, port: direct.port, timeout: 500 }, () => { socket.destroy(); resolve(true); });
  socket.on('timeout', () => { socket.destroy(); resolve(false); }).on('error', () => resolve(false));
});
const named = () => Promise.race([dns.resolve4('out.lobsterpot.invalid').then(() => true, (error) => error.code === 'ENOTFOUND'), pause(500)]);
(async () => {
  const tunnels = { open: 0, lost: 0 }, asked = [], escapes = [];
  await Promise.all(Array.from({ length: 20 }, () => hold(tunnels)));
  console.log('loaded');
  const asking = (async () => {
    while (left() > 0) {
      const atMs = performance.now() - began;
      ask().then(({ socket, code }) => { asked.push({ atMs, endMs: performance.now() - began, code }); socket.destroy(); });
      await pause(25);
    }
  })();
  let tries = 0;
  const escaping = (async () => {
    while (left() > 0) {
      if (await reach()) escapes.push('tcp');
      if (await named() === true) escapes.push('dns');
      tries += 1;
      await pause(50);
    }
  })();
  await Promise.all([asking, escaping]);
  await pause(1100);
  const failed = asked.filter(({ code }) => code === 0).map(({ atMs }) => atMs);
  const first = Math.min(...failed);
  const back = Math.min(...asked.filter(({ atMs, code }) => code > 0 && atMs > first).map(({ endMs }) => endMs));
  console.log(JSON.stringify({ ...tunnels, escapes, tries, asked: asked.length, failed: failed.length, downMs: back - first }));
  process.exit(0);
})();
`;

const report = z.object({
  open: z.number(),
  lost: z.number(),
  escapes: z.array(z.string()),
  tries: z.number(),
  asked: z.number(),
  failed: z.number(),
  /** From the first question without an answer to the next answer; null: it never came. */
  downMs: z.number().nullable(),
});

/** What a client saw of a gate that was killed while it carried tunnels and was asked for more. */
export type Killed = z.infer<typeof report>;

const FOR_MS = 5500;
const BEFORE_KILL_MS = 1500;

/** Loads the gate from inside a client, kills it in the middle of that, and tells what the client saw. */
export async function killUnderLoad(
  runtime: Pick<Runtime, 'inside'>,
  client: string,
  /** `name`: what the tunnels' ClientHello says; none for an address. */
  load: { readonly target: string; readonly name?: string; readonly direct: { readonly host: string; readonly port: number } },
  kill: () => Promise<void>,
): Promise<Killed> {
  const argv = ['{node}', '--eval', SCRIPT, JSON.stringify({ ...load, forMs: FOR_MS })];
  const [ran] = await Promise.all([runtime.inside(client, argv, { timeoutMs: 30_000 }), sleep(BEFORE_KILL_MS).then(kill)]);
  const last = ran.stdout.trim().split('\n').at(-1) ?? '';
  if (ran.code !== 0) throw new Error(`${client}: ${ran.stdout}${ran.stderr}`);
  return report.parse(JSON.parse(last));
}

/** Nothing got out, every tunnel ended, and it answered again within a time. */
export async function assertKilled(seen: Killed, withinMs: number): Promise<void> {
  assert.ok(seen.open >= 10 && seen.tries >= 5 && seen.failed > 0, `too little was tried: ${JSON.stringify(seen)}`);
  assert.deepEqual([seen.escapes, seen.lost], [[], seen.open]);
  assert.ok(seen.downMs !== null && seen.downMs <= withinMs * (await slowness()), `it was away for ${seen.downMs} ms`);
}

/** A start in the trail with no stop before it: the mark of a gate that was killed. */
export async function hasUnendedStart(folder: string): Promise<boolean> {
  let isRunning = false;
  for await (const { text } of trailLines(folder, await trailFiles(folder))) {
    const kind = readRecord(text)?.kind;
    if (kind === 'start' && isRunning) return true;
    if (kind === 'start') isRunning = true;
    if (kind === 'stop') isRunning = false;
  }
  return false;
}
