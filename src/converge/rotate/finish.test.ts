import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Finding, FindingStatus } from '../../core/finding.ts';
import { Redacted } from '../../core/redacted.ts';
import { takeLock } from '../lock.ts';
import { finishRotations, proveRotation } from './finish.ts';
import { keepOld, writePending } from './pending.ts';
import type { Rotation } from './rotation.ts';
import { smallEngine } from './testing/small-engine.ts';

const TOKEN = { kind: 'gateway-token', name: 'main' } as const;

test('finishRotations: none was begun -> nothing is done, and no lock is needed', async () => {
  using small = smallEngine();
  await using _held = await takeLock(small.engine.root, 'another', () => undefined);
  assert.deepEqual(await finishRotations(small.engine, 'lobsterpot up'), []);
});

test('finishRotations: cut off before anything was made -> as before, told, and nothing is kept', async () => {
  using small = smallEngine();
  const { engine } = small;
  await engine.store.write('gateway-main-token', new Redacted('old'));
  await writePending(engine, { version: 1, subject: TOKEN, begunAt: '2026-01-01T00:00:00Z' });
  await keepOld(engine, TOKEN, new Redacted('old'));
  const [one, ...others] = await finishRotations(engine, 'lobsterpot up');
  assert.match(one?.note ?? '', /cut off, and is as before: lobsterpot rotate gateway-token main$/);
  assert.deepEqual([one?.findings, others, readdirSync(join(engine.root, 'rotations'))], [[], [], []]);
  assert.equal((await engine.store.read('gateway-main-token'))?.reveal(), 'old');
});

test('finishRotations: an identity between the old and the new one -> told, and everything is kept', async () => {
  using small = smallEngine();
  const { engine } = small;
  const oldNode = { deviceId: 'a'.repeat(64), enrolledAt: '2026-01-01T00:00:00Z', execPolicy: 'x' };
  await writePending(engine, { version: 1, subject: { kind: 'identity', name: 'nas' }, begunAt: '2026-01-01T00:00:00Z', oldNode });
  const [one] = await finishRotations(engine, 'lobsterpot up');
  assert.match(one?.note ?? '', /not done: lobsterpot rotate identity nas$/);
  assert.deepEqual(readdirSync(join(engine.root, 'rotations')), ['identity.nas.json']);
});

function probing(discarded: string[], ...statuses: readonly FindingStatus[]): Rotation {
  const unscripted = (): never => assert.fail('unscripted');
  const finding = (status: FindingStatus): Finding => ({ checkId: 'x', severity: 'high', status, subject: 'x', message: 'x' });
  return {
    check: unscripted,
    prepare: unscripted,
    reached: unscripted,
    revert: unscripted,
    probe: async () => statuses.map(finding),
    discard: async () => void discarded.push('gone'),
  };
}

for (const [statuses, isProven] of [
  [['pass', 'pass'], true],
  [['pass', 'unknown'], false],
  [['fail'], false],
  [['not-enforced'], false],
  [[], false],
] as const) {
  test(`proveRotation: ${statuses.join(', ') || 'no findings'} -> the old one is ${isProven ? 'gone' : 'kept'}`, async () => {
    using small = smallEngine();
    const { root } = small.engine;
    const discarded: string[] = [];
    await proveRotation(small.engine, TOKEN, probing(discarded, ...statuses));
    assert.deepEqual(discarded, isProven ? ['gone'] : []);
    const journal = readFileSync(join(root, 'journal.jsonl'), 'utf8');
    assert.match(journal, isProven ? /"outcome":"proven"/ : /"outcome":"unproven"/);
  });
}
