import { PLAIN_PATH, run } from '../../src/hosts/run.ts';

const ROUNDS = 9;
/** What a bare Node takes to start and end on two cores that have nothing else to do (30 to 40 measured). */
const USUAL_MS = 40;

/** Nothing but Node itself. */
export const BARE: readonly string[] = [process.execPath, '-e', '0'];

/** Medians of several runs of each program, in milliseconds; in turns, so that another program's burst slows them all. */
export async function mediansMs(programs: readonly (readonly string[])[]): Promise<readonly number[]> {
  const times = programs.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, argv] of programs.entries()) times[index]?.push(await timeMs(argv));
  }
  return times.map((each) => each.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Infinity);
}

/** How many times slower than usual this machine is just now, at least 1: time limits of tests are stretched by it. */
export async function slowness(): Promise<number> {
  const [bare = USUAL_MS] = await mediansMs([BARE]);
  return Math.max(1, bare / USUAL_MS);
}

async function timeMs(argv: readonly string[]): Promise<number> {
  const begin = performance.now();
  const { code, stderr } = await run(argv, { timeoutMs: 10_000, env: { PATH: PLAIN_PATH } });
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit ${code}: ${stderr}`);
  return performance.now() - begin;
}
