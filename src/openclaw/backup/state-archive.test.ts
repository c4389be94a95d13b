import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import { sha256 } from '../../core/digest.ts';
import { PLAIN_PATH, run } from '../../hosts/run.ts';
import * as archive from './state-archive.ts';

const FAKE = new URL('./testing/fake-openclaw.mjs', import.meta.url).pathname;
const STAMP = '2026-11-22T08-00-00-000Z';

/** A state folder of its own, reached as through a sandbox; `files` are below it. */
function place(
  env: Readonly<Record<string, string>> = {},
): archive.StateAccess & Disposable & { readonly base: string; schema(version?: number): number; read(path: string): string } {
  const base = mkdtempSync(join(tmpdir(), 'lobsterpot-keeper-'));
  mkdirSync(join(base, 'openclaw/state'), { recursive: true, mode: 0o755 });
  mkdirSync(join(base, 'workspace'));
  writeFileSync(join(base, 'workspace/note.md'), 'then');
  const path = join(base, 'openclaw/state/openclaw.sqlite');
  const schema = (version?: number): number => {
    const database = new DatabaseSync(path);
    if (version !== undefined) database.exec(`CREATE TABLE IF NOT EXISTS t (a); PRAGMA user_version = ${version}`);
    const row = database.prepare('PRAGMA user_version').get();
    database.close();
    return Number(row?.['user_version']);
  };
  schema(17);
  return {
    base,
    service: 'gateway-main',
    schema,
    read: (name) => readFileSync(join(base, name), 'utf8'),
    once: (_service, command, options) =>
      run(
        command.map((part) => (part === '{node}' ? process.execPath : part === '{openclaw}' ? FAKE : part)),
        { ...options, env: { PATH: PLAIN_PATH, HOME: base, OPENCLAW_STATE_DIR: join(base, 'openclaw'), ...env } },
      ),
    [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }),
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function made(of: archive.StateAccess): Promise<{ readonly bytes: Buffer; readonly facts: archive.ArchiveFacts }> {
  const facts = await archive.makeArchive(of);
  const parts: Buffer[] = [];
  for await (const part of archive.readArchive(of, facts.bytes)) parts.push(part);
  return { bytes: Buffer.concat(parts), facts };
}

test('makeArchive: what it tells -> is what arrives, and nothing stays behind', async () => {
  using of = place();
  const { bytes, facts } = await made(of);
  assert.deepEqual(facts, { openclaw: '2026.9.6', schema: 17, sha256: sha256(bytes), bytes: bytes.length });
  await archive.clearArchive(of);
  assert.equal(existsSync(join(of.base, '.lobsterpot/archive.tar.gz')), false);
});

test('activateArchive: -> the state of then, closed to others; the one of now is kept, and putBack brings it back', async () => {
  using of = place();
  const { bytes, facts } = await made(of);
  of.schema(18);
  writeFileSync(join(of.base, 'workspace/note.md'), 'now');
  await archive.sendArchive(of, once(bytes));
  assert.deepEqual(await archive.tryArchive(of, facts.sha256), facts);
  assert.deepEqual([of.schema(), of.read('workspace/note.md')], [18, 'now']);
  await archive.activateArchive(of, facts.sha256, STAMP);
  assert.deepEqual([of.schema(), of.read('workspace/note.md')], [17, 'then']);
  assert.equal(statSync(join(of.base, 'openclaw/state')).mode & 0o077, 0);
  assert.deepEqual(
    (await archive.listAsides(of)).map((one) => one.stamp),
    [STAMP],
  );
  await archive.putBack(of, STAMP);
  assert.deepEqual([of.schema(), of.read('workspace/note.md'), await archive.listAsides(of)], [18, 'now', []]);
});

test('activateArchive: again after it was cut off between the two parts -> the state of now is still the one that is kept', async () => {
  using of = place();
  const { bytes, facts } = await made(of);
  of.schema(18);
  await archive.sendArchive(of, once(bytes));
  await archive.activateArchive(of, facts.sha256, STAMP);
  await archive.activateArchive(of, facts.sha256, STAMP);
  assert.equal(of.schema(), 17);
  await archive.putBack(of, STAMP);
  assert.equal(of.schema(), 18);
});

test('activateArchive: a newer OpenClaw has been at the state of now -> the state of then all the same', async () => {
  using of = place();
  const { facts } = await made(of);
  of.schema(19);
  await archive.activateArchive(of, facts.sha256, STAMP);
  assert.equal(of.schema(), 17);
});

test('makeArchive: a newer OpenClaw has been at the state -> no backup, and it says why', async () => {
  using of = place();
  of.schema(19);
  await assert.rejects(archive.makeArchive(of), { code: 'openclaw/backup', why: /newer schema version 19/ });
});

test('activateArchive: there was no workspace then, or there is none now -> as it was then, and back', async () => {
  using of = place();
  const workspace = join(of.base, 'workspace');
  const withIt = await made(of);
  rmSync(workspace, { recursive: true });
  const withoutIt = await made(of);
  await archive.sendArchive(of, once(withIt.bytes));
  await archive.activateArchive(of, withIt.facts.sha256, STAMP);
  assert.equal(of.read('workspace/note.md'), 'then');
  await archive.putBack(of, STAMP);
  assert.equal(existsSync(workspace), false);
  mkdirSync(workspace);
  await archive.sendArchive(of, once(withoutIt.bytes));
  await archive.activateArchive(of, withoutIt.facts.sha256, STAMP);
  assert.equal(existsSync(workspace), false);
  await archive.putBack(of, STAMP);
  assert.equal(existsSync(workspace), true);
});

test('mendState: it was cut off while an archive was put in place -> the state of now is whole; after a whole one nothing is touched', async () => {
  using of = place();
  const { bytes, facts } = await made(of);
  of.schema(18);
  writeFileSync(join(of.base, 'workspace/note.md'), 'now');
  const aside = join(of.base, '.lobsterpot/aside', STAMP);
  mkdirSync(aside, { recursive: true });
  renameSync(join(of.base, 'openclaw'), join(aside, 'openclaw'));
  await archive.mendState(of);
  assert.deepEqual([of.schema(), of.read('workspace/note.md'), await archive.listAsides(of)], [18, 'now', []]);
  await archive.sendArchive(of, once(bytes));
  await archive.activateArchive(of, facts.sha256, STAMP);
  await archive.mendState(of);
  assert.deepEqual([of.schema(), (await archive.listAsides(of)).length, readdirSync(join(of.base, '.lobsterpot'))], [17, 1, ['aside']]);
});

test('activateArchive: another one was cut off between the two parts -> its state of then is what is kept', async () => {
  using of = place();
  const { facts } = await made(of);
  of.schema(18);
  const aside = join(of.base, '.lobsterpot/aside/2026-11-22T07-00-00-000Z');
  mkdirSync(aside, { recursive: true });
  renameSync(join(of.base, 'openclaw'), join(aside, 'openclaw'));
  await archive.activateArchive(of, facts.sha256, STAMP);
  assert.equal(of.schema(), 17);
  await archive.putBack(of, STAMP);
  assert.deepEqual([of.schema(), of.read('workspace/note.md'), await archive.listAsides(of)], [18, 'then', []]);
});

test('forgetAsides: -> gone', async () => {
  using of = place();
  const { facts } = await made(of);
  await archive.activateArchive(of, facts.sha256, STAMP);
  await archive.forgetAsides(of, [STAMP]);
  assert.deepEqual(await archive.listAsides(of), []);
});

test('putBack: nothing was moved aside -> the state stays as it is', async () => {
  using of = place();
  await archive.clearArchive(of);
  await archive.putBack(of, STAMP);
  assert.equal(of.schema(), 17);
});

for (const [what, env, spoil, reason] of [
  [
    'a damaged archive',
    {},
    (of: { readonly base: string }) => writeFileSync(join(of.base, '.lobsterpot/archive.tar.gz'), 'x'),
    /not the one that was sent/,
  ],
  ['another digest', {}, () => undefined, /not the one that was sent/],
] as const) {
  test(`activateArchive: ${what} -> refused, and nothing is touched`, async () => {
    using of = place(env);
    const { facts } = await made(of);
    spoil(of);
    const digest = what === 'another digest' ? 'a'.repeat(64) : facts.sha256;
    const fix = 'take another backup: lobsterpot backup --list';
    await assert.rejects(archive.activateArchive(of, digest, STAMP), { code: 'openclaw/backup', why: reason, fix });
    assert.deepEqual([of.schema(), await archive.listAsides(of)], [17, []]);
  });
}

test('makeArchive: a database that is not whole -> no backup', async () => {
  using of = place();
  writeFileSync(join(of.base, 'openclaw/state/openclaw.sqlite'), 'not a database');
  await assert.rejects(archive.makeArchive(of), { code: 'openclaw/backup', why: /not a database/ });
});

test('makeArchive: a manifest that leads out of the archive -> no backup', async () => {
  using of = place({ FAKE_ARCHIVE_PATH: '../../../openclaw' });
  await assert.rejects(archive.makeArchive(of), { code: 'openclaw/backup', why: /not one of a service/ });
});

test('sendArchive: what is no archive -> tried and refused', async () => {
  using of = place();
  const bytes = Buffer.from('hello');
  await archive.sendArchive(of, once(bytes));
  await assert.rejects(archive.tryArchive(of, sha256(bytes)), { why: /cannot be read/ });
});

test('putBack: a stamp that is a path -> refused', async () => {
  using of = place();
  await assert.rejects(archive.putBack(of, '../../x'), { why: /not a time stamp/ });
});

test('inParts: any pieces, any size -> the same bytes, all parts but the last of that size', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 50 })), fc.integer({ min: 1, max: 40 }), async (pieces, size) => {
      const given = async function* (): AsyncGenerator<Uint8Array> {
        yield* pieces;
      };
      const parts: Buffer[] = [];
      for await (const part of archive.inParts(given(), size)) parts.push(part);
      assert.deepEqual(Buffer.concat(parts), Buffer.concat(pieces));
      assert.ok(parts.slice(0, -1).every((one) => one.length === size) && parts.every((one) => one.length > 0));
    }),
  );
});

test('lastWords: a stack and the version of Node are no reason -> the lines that say it', () => {
  const stack = `node:fs:1\n  throw error;\n\nError: ENOSPC: no space left on device, write\n    at writeSync (node:fs:1)\n  code: 'ENOSPC'\n}\n\nNode.js v26.10.0\n`;
  assert.equal(archive.lastWords(stack), "throw error; / Error: ENOSPC: no space left on device, write / code: 'ENOSPC'");
  assert.equal(archive.lastWords('the archive holds no state\n'), 'the archive holds no state');
  assert.equal(archive.lastWords('\n'), '');
});

test('makeArchive, tryArchive: no room on the host -> make room, and not another backup', async () => {
  const once = async () => ({
    code: 1,
    signal: undefined,
    timedOut: false,
    stdout: '',
    stderr: 'ENOSPC: no space left on device, write\n',
  });
  const fix = 'free some space on the host of node-nas, then run the command again';
  for (const work of [archive.makeArchive, (of: archive.StateAccess) => archive.tryArchive(of, 'a'.repeat(64))])
    await assert.rejects(work({ once, service: 'node-nas' }), { code: 'openclaw/backup', fix });
});
