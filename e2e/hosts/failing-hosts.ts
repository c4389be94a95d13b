import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { problemsOf } from '../support/problem-text.ts';
import { TROUBLES, type Trouble } from './host-troubles.ts';
import { asRoot, containersOf, DOCKER, HOSTS, nameOf, type HostName } from './on-hosts.ts';
import type { HostsStage } from './stage.ts';

const UP_MS = 180_000;

/** A deployment that is well, and each trouble of its hosts in turn: told as what it is, nothing lost, and the next `up` repairs it. */
export function failingHosts(stage: () => HostsStage): void {
  describe('failing hosts', () => {
    for (const trouble of TROUBLES) {
      test(`up: ${trouble.name} -> ${trouble.code}; what ran still runs, and the next up is done`, () => tried(stage(), trouble));
    }
  });
}

async function tried(stage: HostsStage, trouble: Trouble): Promise<void> {
  const before = await containersOf(stage);
  try {
    await trouble.begin(stage);
    const [ended] = await Promise.all([stage.cli(['up', '--yes', '--json'], { timeoutMs: UP_MS }), trouble.meanwhile?.(stage)]);
    const [problem, ...more] = problemsOf({ ...ended, ms: 0 }, trouble.exit);
    assert.deepEqual([problem?.code, more], [trouble.code, []], ended.stderr);
    assert.match(`${problem?.what}\n${problem?.cause}\n${problem?.fix}`, trouble.told);
    for (const value of [stage.modelKey, stage.telegramToken]) assert.ok(!(ended.stdout + ended.stderr).includes(value));
  } finally {
    await trouble.end(stage);
  }
  const others = (all: ReadonlyMap<string, string>) => [...all].filter(([name]) => name !== trouble.takes);
  assert.deepEqual(others(await containersOf(stage)), others(before));
  const repaired = await stage.cli(['apply', '--yes'], { timeoutMs: UP_MS });
  assert.equal(repaired.code, 0, repaired.stderr);
  assert.match(repaired.stderr, trouble.repairs ?? /nothing to do/);
  assert.deepEqual(await leftovers(stage), []);
  // Where there was nothing to do, that was said already.
  const plan = trouble.repairs === undefined ? repaired : await stage.cli(['plan']);
  assert.equal(plan.code, 0, plan.stdout);
}

const FOLDER = { mac: '/Users/me', nas: '/volume1/docker' } as const satisfies Readonly<Record<HostName, string>>;

/** Half-written files, and containers that are none of the services'. */
async function leftovers(stage: HostsStage): Promise<readonly string[]> {
  const { lab } = stage;
  const script = (host: HostName): string =>
    `find "$1" -name state -prune -o -name '*.tmp' -print; ${DOCKER[host]} ps --all --format '{{.Names}}' | grep -v "^lobsterpot-$2-" || :`;
  const told = HOSTS.map((host) => asRoot(lab[host], script(host), FOLDER[host], nameOf(stage)));
  const own = asRoot(lab.operator, `find "$1" -name '*.tmp'`, join(lab.operator.home, '.local/state/lobsterpot'));
  return (await Promise.all([...told, own])).flatMap((one) => (one === '' ? [] : one.split('\n')));
}
