import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { GENESIS, type TrailEvent, sealLine, trailFileName } from '../policy/trail-line.ts';
import { verifyTrail } from './verify-trail.ts';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'trail-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Lines of a trail in two files, the second begun as the gate begins one. */
function writeTrail(folder: string, oldest = 1): { readonly head: { readonly seq: number; readonly hash: string } } {
  let head = { seq: 0, hash: GENESIS };
  const line = (event: TrailEvent): string => {
    const sealed = sealLine({ seq: head.seq + 1, time: 1000 + head.seq, prev: head.hash }, event);
    head = { seq: head.seq + 1, hash: sealed.hash };
    return sealed.line;
  };
  const denial = (host: string): TrailEvent => ({
    kind: 'decision',
    client: 'c',
    verdict: 'deny',
    reason: 'no-rule',
    via: 'connect',
    host,
    port: 443,
  });
  writeFileSync(
    join(folder, trailFileName(1)),
    line({ kind: 'start', pid: 1, file: 1, oldest: 1 }) + line(denial('a.test')) + line(denial('b.test')),
  );
  writeFileSync(join(folder, trailFileName(2)), line({ kind: 'file', file: 2, oldest }) + line(denial('c.test')) + line(denial('d.test')));
  return { head };
}

function edit(folder: string, file: number, change: (lines: string[]) => string[]): void {
  const path = join(folder, trailFileName(file));
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  writeFileSync(
    path,
    change(lines)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

test('verifyTrail: an untouched trail -> ok, with where it ends', async (t) => {
  const folder = folderOf(t);
  const { head } = writeTrail(folder);
  assert.deepEqual(await verifyTrail(folder, head), { ok: true, records: 6, firstSeq: 1, lastSeq: 6, lastHash: head.hash, gaps: 0 });
});

test('verifyTrail: its first file was dropped by rotation -> ok, says how many are gone and from when the oldest is', async (t) => {
  const folder = folderOf(t);
  const { head } = writeTrail(folder, 2);
  rmSync(join(folder, trailFileName(1)));
  const checked = await verifyTrail(folder, head);
  assert.deepEqual(checked.ok && [checked.records, checked.firstSeq, checked.dropped], [3, 4, { records: 3, oldestKeptMs: 1003 }]);
});

test('verifyTrail: no trail -> ok and empty', async (t) => {
  const checked = await verifyTrail(join(folderOf(t), 'none'));
  assert.equal(checked.ok && checked.records, 0);
});

const TAMPERED: readonly (readonly [situation: string, tamper: (folder: string) => void, where: string])[] = [
  ['a changed record', (folder) => edit(folder, 1, (lines) => lines.map((line) => line.replace('a.test', 'x.test'))), '1:3'],
  ['a changed last record', (folder) => edit(folder, 2, (lines) => lines.map((line) => line.replace('d.test', 'x.test'))), '2:3'],
  ['a removed record', (folder) => edit(folder, 1, ([a = '', , c = '']) => [a, c]), '1:2'],
  ['two records exchanged', (folder) => edit(folder, 1, ([a = '', b = '', c = '']) => [a, c, b]), '1:2'],
  ['a record twice', (folder) => edit(folder, 1, ([a = '', b = '', c = '']) => [a, b, b, c]), '1:3'],
  ['a record cut short', (folder) => edit(folder, 1, ([a = '', b = '', c = '']) => [a, b.slice(0, 20), c]), '1:3'],
  ['the last record of a file removed', (folder) => edit(folder, 1, (lines) => lines.slice(0, -1)), '2:1'],
  ['the first record removed', (folder) => edit(folder, 2, (lines) => lines.slice(1)), '2:1'],
  ['a whole file removed', (folder) => rmSync(join(folder, trailFileName(1))), '1:1'],
  ['a line added', (folder) => edit(folder, 2, (lines) => [...lines, '{"kind":"decision"}']), '2:4'],
  ['the end cut off', (folder) => edit(folder, 2, (lines) => lines.slice(0, -1)), '2:3'],
];

for (const [situation, tamper, where] of TAMPERED) {
  test(`verifyTrail: ${situation} -> found at ${where}`, async (t) => {
    const folder = folderOf(t);
    const { head } = writeTrail(folder);
    tamper(folder);
    const checked = await verifyTrail(folder, head);
    assert.equal(checked.ok, false);
    assert.equal(`${Number(checked.ok ? 0 : checked.file.slice(6, 14))}:${checked.ok ? 0 : checked.line}`, where);
  });
}

test('verifyTrail: an unfinished last line -> no tampering', async (t) => {
  const folder = folderOf(t);
  writeTrail(folder);
  appendFileSync(join(folder, trailFileName(2)), '{"seq":7,');
  const checked = await verifyTrail(folder);
  assert.equal(checked.ok && checked.records, 6);
});

test('verifyTrail: any single byte changed anywhere -> found', async (t) => {
  const folder = folderOf(t);
  const { head } = writeTrail(folder);
  const originals = readdirSync(folder).map((name) => ({ path: join(folder, name), bytes: readFileSync(join(folder, name)) }));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...originals), fc.nat(), fc.integer({ min: 1, max: 255 }), async ({ path, bytes }, at, flip) => {
      const changed = Buffer.from(bytes);
      const place = at % changed.length;
      changed[place] = (changed[place] ?? 0) ^ flip;
      writeFileSync(path, changed);
      const checked = await verifyTrail(folder, head);
      writeFileSync(path, bytes);
      assert.equal(checked.ok, false);
    }),
    { numRuns: 200 },
  );
});
