import { PLAIN_PATH, run } from '../../src/hosts/run.ts';

const ROUNDS = 9;
/** What a bare Node takes to start and end on two cores that have nothing else to do (30 to 40 measured). */
const USUAL_MS = 40;

/** The time on the clock and the time of the processors that a program takes, in milliseconds. */
export type Times = { readonly wallMs: number; readonly cpuMs: number };

// The processors' time hardly changes with what else the machine does.
const TELL = 'data:text/javascript,process.on("exit",()=>{const{user,system}=process.cpuUsage();process._rawDebug(`cpu ${user+system}`)})';

/** Medians of several runs of Node with these arguments. */
export async function nodeTimes(args: readonly string[]): Promise<Times> {
  const all: Times[] = [];
  for (let round = 0; round < ROUNDS; round += 1) all.push(await once(args));
  const median = (of: (one: Times) => number): number => all.map(of).toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Infinity;
  return { wallMs: median((one) => one.wallMs), cpuMs: median((one) => one.cpuMs) };
}

/** How many times slower than usual this machine is just now, at least 1: time limits of tests are stretched by it. */
export async function slowness(): Promise<number> {
  const bare = await nodeTimes(['-e', '0']);
  return Math.max(1, bare.wallMs / USUAL_MS);
}

async function once(args: readonly string[]): Promise<Times> {
  const begin = performance.now();
  const { code, stderr } = await run([process.execPath, '--import', TELL, ...args], { timeoutMs: 10_000, env: { PATH: PLAIN_PATH } });
  const cpu = /^cpu (\d+)$/m.exec(stderr)?.[1];
  if (code !== 0 || cpu === undefined) throw new Error(`${args.join(' ')}: exit ${code}: ${stderr}`);
  return { wallMs: performance.now() - begin, cpuMs: Number(cpu) / 1000 };
}
