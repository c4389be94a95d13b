import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Finding } from '../../core/finding.ts';
import { Redacted } from '../../core/redacted.ts';
import { localHost } from '../../hosts/local-host.ts';
import { secretStore } from '../secret-store.ts';
import { listPending, readOld, readPending, writePending } from './pending.ts';
import { storedRotation } from './stored.ts';
import type { Subject } from './subject.ts';

const TOKEN = { kind: 'gateway-token', name: 'main' } as const satisfies Subject;
const SECRET = { kind: 'secret', name: 'key' } as const satisfies Subject;

function place() {
  const root = mkdtempSync(join(tmpdir(), 'lobsterpot-rotate-'));
  const local = localHost('here');
  return { local, root, store: secretStore(local, root), [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

/** `made`: what is made, one after the other. */
function tokens(at: ReturnType<typeof place>, ...made: string[]) {
  return storedRotation(at, TOKEN, {
    make: () => new Redacted(made.shift() ?? assert.fail('one too many was made')),
    probe: async (old): Promise<readonly Finding[]> => [
      { checkId: 'x', severity: 'high', status: 'pass', subject: 'x', message: old.reveal() },
    ],
  });
}

async function begun(at: ReturnType<typeof place>, value: string): Promise<void> {
  await at.store.write('gateway-main-token', new Redacted(value));
  await writePending(at, { version: 1, subject: TOKEN, begunAt: '2026-01-01T00:00:00Z' });
}

async function stored(at: ReturnType<typeof place>, name = 'gateway-main-token'): Promise<string | undefined> {
  return (await at.store.read(name))?.reveal();
}

test('storedRotation: prepared -> the new one in force, the old one kept for its owner alone', async () => {
  using at = place();
  await begun(at, 'old');
  const rotation = tokens(at, 'new');
  assert.equal(await rotation.reached(), 'nothing');
  await rotation.prepare();
  assert.deepEqual([await stored(at), (await readOld(at, TOKEN))?.reveal(), await rotation.reached()], ['new', 'old', 'made']);
  assert.deepEqual((await rotation.probe())[0]?.message, 'old');
  for (const name of readdirSync(join(at.root, 'rotations'))) assert.equal(statSync(join(at.root, 'rotations', name)).mode & 0o777, 0o600);
  assert.equal(statSync(join(at.root, 'rotations')).mode & 0o777, 0o700);
});

test('storedRotation: prepared again after it was cut off -> the first new one stays, no second is made', async () => {
  using at = place();
  await begun(at, 'old');
  await tokens(at, 'new').prepare();
  await tokens(at).prepare();
  assert.deepEqual([await stored(at), (await readOld(at, TOKEN))?.reveal()], ['new', 'old']);
});

test('storedRotation: discarded -> nothing is kept, the new one stays', async () => {
  using at = place();
  await begun(at, 'old');
  const rotation = tokens(at, 'new');
  await rotation.prepare();
  await rotation.discard();
  assert.deepEqual([await stored(at), readdirSync(join(at.root, 'rotations'))], ['new', []]);
});

test('storedRotation: reverted -> the old one in force, nothing is kept', async () => {
  using at = place();
  await begun(at, 'old');
  const rotation = tokens(at, 'new');
  await rotation.prepare();
  await rotation.revert();
  assert.deepEqual([await stored(at), readdirSync(join(at.root, 'rotations'))], ['old', []]);
});

test('storedRotation: another value is given after it was cut off -> that one, and the first old one is still the old one', async () => {
  using at = place();
  await at.store.write('key', new Redacted('one'));
  const giving = (value: string) => storedRotation(at, SECRET, { value: new Redacted(value), probe: async () => [] });
  await writePending(at, { version: 1, subject: SECRET, begunAt: '2026-01-01T00:00:00Z' });
  await giving('two').prepare();
  await giving('three').prepare();
  assert.deepEqual([await stored(at, 'key'), (await readOld(at, SECRET))?.reveal()], ['three', 'one']);
  await assert.rejects(giving('one').check(), { code: 'rotate/same' });
});

test('storedRotation: without a value yet -> refused before anything is written', async () => {
  using at = place();
  await assert.rejects(tokens(at).check(), { code: 'rotate/not-set' });
  assert.deepEqual(readdirSync(at.root), []);
});

test('storedRotation: the value that it has already -> refused', async () => {
  using at = place();
  await at.store.write('key', new Redacted('same'));
  const rotation = storedRotation(at, SECRET, { value: new Redacted('same'), probe: async () => [] });
  await assert.rejects(rotation.check(), { code: 'rotate/same', exit: 3 });
});

test('readPending: a damaged note -> a problem, never nothing', async () => {
  using at = place();
  await begun(at, 'old');
  await at.local.write(join(at.root, 'rotations/gateway-token.main.json'), '{"version":2}', { mode: 0o600 });
  await assert.rejects(readPending(at, TOKEN), { code: 'rotate/pending' });
  await assert.rejects(listPending(at), { code: 'rotate/pending' });
});

test('listPending: none ever -> none', async () => {
  using at = place();
  assert.deepEqual(await listPending(at), []);
});
