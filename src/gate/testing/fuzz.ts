import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { isRecord } from '../../core/json.ts';
import { reasonOf } from '../../core/problem.ts';
import { type FuzzNews, runFuzz } from './fuzz/run-fuzz.ts';
import { TARGETS } from './fuzz/targets.ts';

// npm run fuzz: the run is in a thread of its own, so that one that hangs can be seen and ended.
const SILENCE_MS = 120_000;
const USAGE = `usage: npm run fuzz -- [--cases N] [--seed S] [--target NAME]\ntargets: ${TARGETS.map((one) => one.name).join(', ')}`;

if (isMainThread) process.exitCode = await lead();
else await work();

async function work(): Promise<void> {
  const given: unknown = workerData;
  if (!isRecord(given)) throw new Error('no work');
  const { cases, seed, name } = given;
  const targets = TARGETS.filter((one) => name === undefined || one.name === name);
  await runFuzz(targets, { cases: Number(cases), seed: Number(seed) }, (news) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    parentPort?.postMessage(news);
  });
}

async function lead(): Promise<number> {
  const { cases: asked, seed: from, target: name } = options();
  const [cases, seed] = [Number(asked ?? 1_000_000), Number(from ?? randomInt(2 ** 30))];
  const isKnown = name === undefined || TARGETS.some((one) => one.name === name);
  if (!isKnown || !isCount(cases) || !isCount(seed)) return say(USAGE, 3);
  say(`fuzz: ${cases} cases, seed ${seed}`);
  const began = performance.now();
  const told = await follow({ cases, seed, name });
  const seconds = (performance.now() - began) / 1000;
  return say(
    `fuzz: ${told.cases} cases in ${(seconds / 60).toFixed(1)} min (${Math.round(told.cases / seconds)} a second), ${told.failed} failed`,
    told.failed === 0 && told.cases > 0 ? 0 : 1,
  );
}

function options(): { readonly cases?: string | undefined; readonly seed?: string | undefined; readonly target?: string | undefined } {
  try {
    const wanted = { cases: { type: 'string' }, seed: { type: 'string' }, target: { type: 'string' } } as const;
    return parseArgs({ options: wanted }).values;
  } catch {
    return { cases: 'none' };
  }
}

/** Runs the thread and tells what it says, until it ends or nothing is heard of it. */
function follow(work: {
  readonly cases: number;
  readonly seed: number;
  readonly name: string | undefined;
}): Promise<{ readonly cases: number; readonly failed: number }> {
  const thread = new Worker(new URL(import.meta.url), { workerData: work, resourceLimits: { maxOldGenerationSizeMb: 512 } });
  const told = { cases: 0, failed: 0 };
  let last = 'nothing has begun';
  return new Promise((resolve) => {
    const onSilence = (): void => {
      told.failed += 1;
      say(`FAIL  a case hangs\n  again: ${last}`);
      void thread.terminate();
    };
    let silence = setTimeout(onSilence, SILENCE_MS);
    thread.on('message', (news: FuzzNews) => {
      clearTimeout(silence);
      silence = setTimeout(onSilence, SILENCE_MS);
      if (news.kind === 'batch') last = again(news);
      else if (news.kind === 'failed') told.failed += 1;
      else told.cases += news.cases;
      if (news.kind !== 'batch') say(describe(news));
    });
    thread.on('error', (error) => {
      told.failed += 1;
      say(`FAIL  ${reasonOf(error)}\n  again: ${last}`);
    });
    thread.on('exit', () => {
      clearTimeout(silence);
      resolve(told);
    });
  });
}

function describe(news: Exclude<FuzzNews, { readonly kind: 'batch' }>): string {
  if (news.kind === 'done')
    return `pass  ${news.target.padEnd(20)} ${String(news.cases).padStart(8)} cases, ${Math.round(news.cases / (news.ms / 1000))} a second`;
  const { target, why, input } = news.failure;
  return `FAIL  ${target}: ${why}\n  input: ${input}\n  again: ${again(news.failure)}`;
}

function again({ target, seed, cases }: { readonly target: string; readonly seed: number; readonly cases: number }): string {
  return `npm run fuzz -- --target ${target} --seed ${seed} --cases ${cases}`;
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value < 2 ** 31;
}

function say(line: string, exit = 0): number {
  process.stdout.write(`${line}\n`);
  return exit;
}
