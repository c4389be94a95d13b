import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Engine } from '../engine.ts';
import { noRecords, readRecords, writeRecords } from '../records.ts';
import { identityRotation } from './identity.ts';
import { readPending, writePending } from './pending.ts';
import { smallEngine } from './testing/small-engine.ts';

const NAS = { kind: 'identity', name: 'nas' } as const;
const OLD = { deviceId: 'a'.repeat(64), enrolledAt: '2026-01-01T00:00:00Z', execPolicy: 'x' };
const NEW = { ...OLD, deviceId: 'b'.repeat(64) };

async function record(engine: Engine, nas: typeof OLD | undefined): Promise<void> {
  await writeRecords(engine.local, engine.root, { ...noRecords(engine.file), nodes: nas ? { nas } : {} });
}

async function recorded(engine: Engine): Promise<string | undefined> {
  return (await readRecords(engine.local, engine.root))?.nodes['nas']?.deviceId;
}

async function begun(engine: Engine): Promise<void> {
  await record(engine, OLD);
  await writePending(engine, { version: 1, subject: NAS, begunAt: '2026-01-01T00:00:00Z' });
}

test('identityRotation: prepared -> the node is stopped, its state set aside, its record kept in the note alone', async () => {
  using small = smallEngine();
  const { engine } = small;
  await begun(engine);
  const rotation = identityRotation(engine, NAS);
  assert.equal(await rotation.reached(), 'nothing');
  await rotation.prepare();
  assert.deepEqual(small.calls, ['stop node-nas', 'set-aside']);
  assert.deepEqual([await recorded(engine), (await readPending(engine, NAS))?.oldNode], [undefined, OLD]);
  assert.equal(await rotation.reached(), 'between');
});

test('identityRotation: prepared again in the middle -> the same steps, the first record is still the old one', async () => {
  using small = smallEngine();
  const { engine } = small;
  await begun(engine);
  await identityRotation(engine, NAS).prepare();
  await identityRotation(engine, NAS).prepare();
  assert.deepEqual(small.calls, ['stop node-nas', 'set-aside', 'stop node-nas', 'set-aside']);
  assert.deepEqual((await readPending(engine, NAS))?.oldNode, OLD);
});

test('identityRotation: enrolled anew meanwhile -> made, and nothing is set aside again', async () => {
  using small = smallEngine();
  const { engine } = small;
  await begun(engine);
  const rotation = identityRotation(engine, NAS);
  await rotation.prepare();
  await record(engine, NEW);
  assert.equal(await rotation.reached(), 'made');
  await rotation.prepare();
  assert.deepEqual(small.calls, ['stop node-nas', 'set-aside']);
  assert.equal(await recorded(engine), NEW.deviceId);
});

test('identityRotation: reverted -> the old state and record are back, the node runs', async () => {
  using small = smallEngine();
  const { engine } = small;
  await begun(engine);
  const rotation = identityRotation(engine, NAS);
  await rotation.prepare();
  await rotation.revert();
  assert.deepEqual(small.calls.slice(2), ['stop node-nas', 'put-back', 'start node-nas']);
  assert.deepEqual([await recorded(engine), readdirSync(join(engine.root, 'rotations'))], [OLD.deviceId, []]);
});

test('identityRotation: discarded -> the old state is removed on its host, then the note', async () => {
  using small = smallEngine();
  const { engine } = small;
  await begun(engine);
  await identityRotation(engine, NAS).discard();
  assert.deepEqual([small.calls, readdirSync(join(engine.root, 'rotations'))], [['remove-old'], []]);
});

test('identityRotation: a node that was never enrolled -> refused', async () => {
  using small = smallEngine();
  await record(small.engine, undefined);
  await assert.rejects(identityRotation(small.engine, NAS).check(), { code: 'rotate/not-enrolled' });
});
