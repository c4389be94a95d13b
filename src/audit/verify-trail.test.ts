import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { GENESIS, type TrailEvent, openLine, sealLine, trailFileName } from '../policy/trail-line.ts';
import { type Witness, verifyTrail } from './verify-trail.ts';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'trail-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Lines of a trail in two files, the second begun as the gate begins one, which may have told that the first one goes. */
function writeTrail(folder: string, oldest = 1, first = 'a.test'): { readonly head: Witness } {
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
    line({ kind: 'start', pid: 1, file: 1, oldest: 1 }) + line(denial(first)) + line(denial('b.test')),
  );
  writeFileSync(
    join(folder, trailFileName(2)),
    line({ kind: 'file', file: 2, oldest, ...(oldest === 2 ? { from: { seq: 4, prev: head.hash } } : {}) }) +
      line(denial('c.test')) +
      line(denial('d.test')),
  );
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

test('verifyTrail: its first file was to be dropped and is still there -> ok', async (t) => {
  const folder = folderOf(t);
  const { head } = writeTrail(folder, 2);
  const checked = await verifyTrail(folder, head);
  assert.deepEqual(checked.ok && [checked.records, checked.dropped], [6, undefined]);
});

test('verifyTrail: more is gone than the gate dropped -> found', async (t) => {
  const folder = folderOf(t);
  const { head } = writeTrail(folder, 2);
  rmSync(join(folder, trailFileName(1)));
  assert.equal((await verifyTrail(folder, head)).ok, true);
  edit(folder, 2, (lines) => lines.slice(1));
  const checked = await verifyTrail(folder, head);
  assert.deepEqual(checked.ok ? undefined : [checked.file, checked.line], [trailFileName(2), 1]);
  assert.match(checked.ok ? '' : checked.why, /^the beginning is missing: the gate kept records from 1 on, the trail begins with 5/);
});

test('verifyTrail: all of it written anew with hashes that fit -> found by what was seen before, and by nothing else', async (t) => {
  const [folder, other] = [folderOf(t), folderOf(t)];
  const { head } = writeTrail(folder);
  const text = readFileSync(join(folder, trailFileName(1)), 'utf8');
  const seen = [{ seq: 3, hash: openLine(text.trimEnd().split('\n')[2] ?? '')?.hash ?? '' }, head];
  assert.equal((await verifyTrail(folder, undefined, seen)).ok, true);
  writeTrail(other, 1, 'another.test');
  assert.equal((await verifyTrail(other)).ok, true);
  const checked = await verifyTrail(other, undefined, seen);
  assert.deepEqual(checked.ok ? undefined : [checked.file, checked.line, checked.why], [
    trailFileName(1),
    3,
    'the record is another than the one that was read here before',
  ]);
  edit(folder, 2, (lines) => lines.slice(0, -1));
  const cut = await verifyTrail(folder, undefined, seen);
  assert.match(cut.ok ? '' : cut.why, /^the end is cut off: it was read before up to record 6, the trail ends at 5/);
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

type Edit = { readonly kind: 'remove' | 'change' | 'exchange' | 'repeat' | 'cut'; readonly at: number; readonly more: number };

const anEdit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom('remove' as const, 'change' as const, 'exchange' as const, 'repeat' as const, 'cut' as const),
  at: fc.nat(),
  more: fc.nat(),
});

/** The lines after an edit, and the index of the first line at which it can be told; undefined: nothing is changed by it. */
function tampered(
  lines: readonly string[],
  { kind, at, more }: Edit,
): { readonly lines: readonly string[]; readonly told: number } | undefined {
  const index = at % lines.length;
  const line = lines[index] ?? '';
  switch (kind) {
    case 'remove':
      return { lines: lines.toSpliced(index, 1), told: index };
    case 'change': {
      const place = more % line.length;
      const other = line[place] === '7' ? '8' : '7';
      // A line that does not open might have been torn: that it was not, shows at the line behind it.
      return {
        lines: lines.with(index, line.slice(0, place) + other + line.slice(place + 1)),
        told: Math.min(index + 1, lines.length - 1),
      };
    }
    case 'exchange': {
      const [low, high] = [index, more % lines.length].toSorted((a, b) => a - b);
      if (low === undefined || high === undefined || low === high) return undefined;
      // A trail may begin anywhere until its newest file tells where it does.
      return { lines: lines.with(low, lines[high] ?? '').with(high, lines[low] ?? ''), told: Math.max(1, low) };
    }
    case 'repeat':
      return { lines: lines.toSpliced(index + 1, 0, line), told: index + 1 };
    case 'cut':
      return { lines: lines.slice(0, index), told: index };
  }
}

test('verifyTrail: a record removed, changed, exchanged, repeated, or all from there on cut off -> told with file and line', async (t) => {
  const folder = folderOf(t);
  const perFile = 8;
  let head: Witness = { seq: 0, hash: GENESIS };
  const whole = Array.from({ length: 30 }, (_one, index) => {
    const file = Math.floor(index / perFile) + 1;
    const event: TrailEvent =
      index % perFile === 0 ? { kind: 'file', file, oldest: 1 } : { kind: 'operator', by: 'ann', change: 'x'.repeat(index) };
    const { line, hash } = sealLine({ seq: head.seq + 1, time: index, prev: head.hash }, event);
    head = { seq: head.seq + 1, hash };
    return line.trimEnd();
  });
  await fc.assert(
    fc.asyncProperty(anEdit, fc.boolean(), async (edited, knowsHead) => {
      const made = tampered(whole, edited);
      if (!made) return;
      // Without the gate's word only a changed end can be told, not a missing one.
      const last = made.told >= made.lines.length;
      if (last && !knowsHead) return;
      for (const name of readdirSync(folder)) rmSync(join(folder, name));
      for (let file = 1; file <= 4; file += 1)
        writeFileSync(
          join(folder, trailFileName(file)),
          made.lines
            .slice((file - 1) * perFile, file * perFile)
            .map((line) => `${line}\n`)
            .join(''),
        );
      const checked = await verifyTrail(folder, knowsHead ? head : undefined);
      assert.equal(checked.ok, false);
      if (checked.ok || last) return;
      assert.deepEqual([checked.file, checked.line], [trailFileName(Math.floor(made.told / perFile) + 1), (made.told % perFile) + 1]);
    }),
    { numRuns: 300 },
  );
});
