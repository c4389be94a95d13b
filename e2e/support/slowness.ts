import { PLAIN_PATH, run } from '../../src/hosts/run.ts';

const ROUNDS = 7;
/** What a bare Node takes to start and end on a modest machine that has nothing else to do. */
const USUAL_MS = 60;

/** Median of several runs of a program, in milliseconds. */
export async function medianMs(argv: readonly string[]): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const begin = performance.now();
    const { code, stderr } = await run(argv, { timeoutMs: 10_000, env: { PATH: PLAIN_PATH } });
    if (code !== 0) throw new Error(`${argv.join(' ')}: exit ${code}: ${stderr}`);
    times.push(performance.now() - begin);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Infinity;
}

/** How many times slower than usual this machine is just now, at least 1: time limits of tests are stretched by it. */
export async function slowness(): Promise<number> {
  return Math.max(1, (await medianMs([process.execPath, '-e', '0'])) / USUAL_MS);
}
