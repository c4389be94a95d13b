import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../src/core/wait.ts';
import { PLAIN_PATH } from '../../src/hosts/run.ts';
import { must, startService } from '../inside/act.ts';
import { readRecords, stateOf } from '../run-record.ts';
import { IMAGE, IMAGE_MODULES, IMAGE_SETTINGS } from './recipe.ts';
import { stageBase } from './stage.ts';

// Makes an engine's image store: BUILD.ts CACHE NAME MODULES, where MODULES is the node_modules of an installed OpenClaw.
// Runs as the first process of a process namespace: what it starts ends with it. Two at once wait for each other outside.
const [cache, name, modules] = process.argv.slice(2);
if (cache === undefined || name === undefined || modules === undefined) throw new Error('usage: build.ts CACHE NAME MODULES');
const done = join(cache, name);
clearOld(cache, name);
if (!existsSync(done)) {
  const scratch = mkdtempSync(join(cache, 'building-'));
  try {
    await build(scratch, modules);
    renameSync(join(scratch, 'store'), done);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Unfinished stores go (nobody else builds while this runs), and older ones unless some lab may be reading them. */
function clearOld(from: string, wanted: string): void {
  const idle = readRecords(join(from, 'runs')).every((record) => stateOf(record) === 'left');
  const isOld = (entry: string): boolean => entry.startsWith('building-') || (idle && entry.startsWith('engine-') && entry !== wanted);
  for (const entry of readdirSync(from).filter(isOld)) rmSync(join(from, entry), { recursive: true });
}

async function build(scratch: string, from: string): Promise<void> {
  const stage = join(scratch, 'stage');
  mkdirSync(stage, { mode: 0o755 });
  await stageBase(stage, scratch);
  const store = join(scratch, 'store');
  const socket = `unix://${join(scratch, 'docker.sock')}`;
  const where = ['--data-root', store, '--exec-root', join(scratch, 'exec'), '--pidfile', join(scratch, 'docker.pid')];
  // Nothing runs in this engine: it must not touch the network of the machine.
  const engine = startService(
    ['dockerd', ...where, '--host', socket, '--bridge', 'none', '--iptables=false', '--ip-forward=false'],
    join(scratch, 'dockerd.log'),
  );
  const docker = ['/usr/bin/docker', '--host', socket];
  const up = await until(
    async () =>
      await must([...docker, 'version']).then(
        () => true,
        () => undefined,
      ),
    { timeoutMs: 60_000, everyMs: 200 },
  );
  if (up !== true) throw new Error(`no engine to make images with: ${await must(['tail', '-n', '5', join(scratch, 'dockerd.log')])}`);
  await importImage([...docker, 'import', ...IMAGE_SETTINGS.flatMap((one) => ['--change', one]), '-', IMAGE], stage, from);
  engine.kill('SIGTERM');
  if (engine.exitCode === null) await once(engine, 'exit', { signal: AbortSignal.timeout(30_000) });
  // What else an engine makes for itself is its own: an identity, a network data base.
  for (const entry of readdirSync(store)) if (!['image', 'overlay2'].includes(entry)) rmSync(join(store, entry), { recursive: true });
}

/** Streams the image into the engine: no second copy of the 800 MB is written. */
async function importImage(argv: readonly string[], stage: string, from: string): Promise<void> {
  // Only names change (flags=r), not what links lead to.
  const renamed = [`flags=r;s,^node_modules,${IMAGE_MODULES},`, 'flags=r;s,^node$,usr/local/bin/node,'];
  const how = ['-c', '--numeric-owner', '--sort=name', ...renamed.flatMap((one) => ['--transform', one])];
  const left = ['--exclude=node_modules/node-linux-*', '--exclude=node_modules/.bin'];
  const node = ['-C', join(from, `node-${process.platform}-${process.arch}`, 'bin'), 'node'];
  const tar = [...how, ...left, '-C', stage, '.', '-C', join(from, '..'), 'node_modules', ...node];
  const options = { env: { PATH: PLAIN_PATH, HOME: '/' }, cwd: '/' };
  const packer = spawn('tar', tar, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  const [program = '', ...rest] = argv;
  const taker = spawn(program, rest, { ...options, stdio: ['pipe', 'inherit', 'inherit'] });
  packer.stdout.pipe(taker.stdin);
  // The engine may refuse before the end; its exit code says why.
  taker.stdin.on('error', () => packer.kill());
  const limit = AbortSignal.timeout(300_000);
  const [[packed], [taken]] = await Promise.all([once(packer, 'exit', { signal: limit }), once(taker, 'exit', { signal: limit })]);
  if (packed !== 0 || taken !== 0) throw new Error(`the image was not made: tar ${String(packed)}, docker ${String(taken)}`);
}
