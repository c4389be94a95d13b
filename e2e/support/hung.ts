import assert from 'node:assert/strict';
import { until } from '../../src/core/wait.ts';
import type { Runtime, ServiceState } from '../../src/runtimes/runtime.ts';
import type { Killed } from './gate-killed.ts';

// Inside a service: stops every program of that name, or with that argument, but itself.
const SCRIPT = `
const { readdirSync, readFileSync } = require('node:fs');
const [, wanted] = process.argv;
const read = (path) => { try { return readFileSync(path, 'utf8'); } catch { return ''; } };
const found = readdirSync('/proc').filter((pid) => /^[0-9]+$/.test(pid) && Number(pid) !== process.pid)
  .filter((pid) => read('/proc/' + pid + '/comm').startsWith(wanted) || read('/proc/' + pid + '/cmdline').split('\\0').includes(wanted));
for (const pid of found) process.kill(Number(pid), 'SIGSTOP');
if (found.length === 0) { console.error('there is no ' + wanted); process.exit(1); }
`;

/** Makes a running service hang: its program neither runs on nor ends. */
export async function hang(runtime: Pick<Runtime, 'inside'>, service: string, program: string): Promise<void> {
  const ran = await runtime.inside(service, ['{node}', '--eval', SCRIPT, program], { timeoutMs: 30_000 });
  assert.equal(ran.code, 0, ran.stderr);
}

/** Waits until each of these that hang is told as not healthy, and then until it is well again: started anew, once. */
export async function assertStartedAnew(
  runtime: Pick<Runtime, 'observe'>,
  before: readonly ServiceState[],
  names: readonly string[],
): Promise<void> {
  const told = new Set<string>();
  const began = performance.now();
  const areTold = async (): Promise<true | undefined> => {
    for (const { name, state } of await runtime.observe()) if (state === 'unhealthy') told.add(name);
    return names.every((name) => told.has(name)) ? true : undefined;
  };
  assert.ok(await until(areTold, { timeoutMs: 60_000, everyMs: 500 }), `told as hung: ${[...told].join(', ')}`);
  const restartsOf = (states: readonly ServiceState[], name: string): number => states.find((one) => one.name === name)?.restarts ?? 0;
  const isAnew = async (): Promise<true | undefined> => {
    const now = await runtime.observe();
    const isBack = (name: string): boolean =>
      now.some((one) => one.name === name && one.state === 'healthy') && restartsOf(now, name) === restartsOf(before, name) + 1;
    return names.every(isBack) ? true : undefined;
  };
  const back = await until(isAnew, { timeoutMs: 90_000, everyMs: 500 });
  assert.ok(back, `after ${Math.round((performance.now() - began) / 1000)} s: ${JSON.stringify(await runtime.observe())}`);
}

/** What a client saw of a gate that hung in the middle of its load: nothing got out, and nothing was answered any more. */
export function assertHung(seen: Killed): void {
  assert.ok(seen.open >= 10 && seen.tries >= 5 && seen.failed > 0, `too little was tried: ${JSON.stringify(seen)}`);
  assert.deepEqual([seen.escapes, seen.downMs], [[], null]);
}
