import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Redacted } from '../../core/redacted.ts';
import { takeLock } from '../lock.ts';
import { noRecords, writeRecords } from '../records.ts';
import { rotate, type RotateOptions } from './rotate.ts';
import { smallEngine } from './testing/small-engine.ts';

const TOKEN = { kind: 'gateway-token', name: 'main' } as const;

function quiet(notes: string[]): RotateOptions {
  return {
    around: (_change, work) => work(() => undefined),
    onNote: (text) => void notes.push(text),
    onStep: (_name, work) => work(),
  };
}

test('rotate: what applies it fails -> the failure, the old one in force again, nothing kept', async () => {
  using small = smallEngine();
  const { engine } = small;
  await engine.store.write('gateway-main-token', new Redacted('old'));
  const notes: string[] = [];
  // The host of a small engine cannot be looked at.
  await assert.rejects(rotate(engine, TOKEN, quiet(notes)), /unscripted/);
  assert.equal((await engine.store.read('gateway-main-token'))?.reveal(), 'old');
  assert.deepEqual([notes, readdirSync(join(engine.root, 'rotations'))], [['the token of gateway main is the old one again'], []]);
  const outcomes = readFileSync(join(engine.root, 'journal.jsonl'), 'utf8').match(/"event":"rotation","outcome":"\w+"/g);
  assert.deepEqual(
    outcomes?.map((one) => one.slice(30, -1)),
    ['begun', 'reverted'],
  );
});

test('rotate: another lobsterpot is at work -> refused, nothing is made', async () => {
  using small = smallEngine();
  const { engine } = small;
  await engine.store.write('gateway-main-token', new Redacted('old'));
  await using _held = await takeLock(engine.root, 'another', () => undefined);
  await assert.rejects(rotate(engine, TOKEN, quiet([])), { code: 'converge/locked', exit: 5 });
  assert.deepEqual(readdirSync(engine.root), ['secrets']);
});

test("rotate: another machine's lobsterpot is at work on a node's host -> the node is not stopped, nothing is begun", async () => {
  using small = smallEngine();
  const site = await small.engine.site('here');
  assert.ok(site);
  const root = join(small.engine.root, '../elsewhere');
  mkdirSync(root);
  writeFileSync(join(root, '.lock'), '{}');
  await writeRecords(small.engine.local, small.engine.root, {
    ...noRecords('lobsterpot.yaml'),
    nodes: { nas: { deviceId: 'a'.repeat(64), enrolledAt: '2026-11-22T00:00:00.000Z', execPolicy: 'x' } },
  });
  const engine = { ...small.engine, site: async () => ({ ...site, root }) };
  await assert.rejects(rotate(engine, { kind: 'identity', name: 'nas' }, quiet([])), { code: 'converge/host-locked', exit: 5 });
  assert.deepEqual([small.calls, readdirSync(engine.root).toSorted()], [[], ['operator', 'records.json']]);
});
