import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { until } from '../core/wait.ts';
import { openLine, trailFileName } from '../policy/trail-line.ts';
import { Trail, readTail } from './trail.ts';

type Made = {
  readonly folder: string;
  readonly complaints: string[];
  readonly trail: (more?: { fileBytes?: number; files?: number }) => Trail;
};

function make(t: TestContext): Made {
  const parent = mkdtempSync(join(tmpdir(), 'trail-'));
  const folder = join(parent, 'trail');
  const complaints: string[] = [];
  const made: Trail[] = [];
  t.after(() => {
    for (const one of made) one.close();
    rmSync(parent, { recursive: true });
  });
  const trail: Made['trail'] = (more = {}) => {
    const one = new Trail({
      folder,
      fileBytes: 100_000,
      files: 5,
      ...more,
      nowMs: () => 1000,
      complain: (message) => complaints.push(message),
    });
    made.push(one);
    return one;
  };
  return { folder, complaints, trail };
}

function kinds(folder: string): readonly string[] {
  return readdirSync(folder)
    .toSorted()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'))
    .map((line) => {
      const record = openLine(line)?.record;
      return record ? `${Number(record['seq'])} ${String(record['kind'])}` : 'torn';
    });
}

test('Trail: started again -> the chain goes on', (t) => {
  const { folder, trail } = make(t);
  const first = trail();
  first.start(1);
  assert.equal(first.write({ kind: 'stop', why: 'x' }), 2);
  first.close();
  const second = trail();
  second.start(2);
  assert.deepEqual(kinds(folder), ['1 start', '2 stop', '3 start']);
  assert.equal(openLine(readFileSync(join(folder, trailFileName(1)), 'utf8').split('\n')[2] ?? '')?.place.prev, first.head.hash);
});

test('Trail: records that are written together -> in order, each told its own number, and those that came before with them', async (t) => {
  const { folder, trail } = make(t);
  const one = trail();
  one.start(1);
  const told: unknown[] = [];
  one.writeSoon({ kind: 'operator', by: 'ann', change: 'x' });
  for (const why of ['a', 'b']) one.writeTogether({ kind: 'stop', why }, (seq) => told.push(`${why} ${seq}`));
  assert.deepEqual([told, kinds(folder)], [[], ['1 start']]);
  await new Promise(setImmediate);
  assert.deepEqual(told, ['a 3', 'b 4']);
  one.writeTogether({ kind: 'stop', why: 'c' }, (seq) => told.push(`c ${seq}`, `e ${one.write({ kind: 'stop', why: 'e' })}`));
  // What may not wait takes along what does.
  assert.equal(one.write({ kind: 'stop', why: 'd' }), 6);
  assert.deepEqual(told.slice(2), ['c 5', 'e 7']);
  assert.deepEqual(kinds(folder), ['1 start', '2 operator', '3 stop', '4 stop', '5 stop', '6 stop', '7 stop']);
});

test('Trail: records that are written together do not fit into the file -> each its own number, behind that of the new file', async (t) => {
  const { folder, trail } = make(t);
  const one = trail({ fileBytes: 4096 });
  one.start(1);
  const told: (number | undefined)[] = [];
  for (let index = 0; index < 40; index += 1)
    one.writeTogether({ kind: 'stop', why: `${index} ${'x'.repeat(100)}` }, (seq) => told.push(seq));
  await new Promise(setImmediate);
  const stops = kinds(folder).filter((line) => line.endsWith('stop'));
  assert.deepEqual(
    told,
    stops.map((line) => Number.parseInt(line, 10)),
  );
  assert.equal(told.length, 40);
  assert.ok((told.at(-1) ?? 0) > 41);
});

test('Trail: a new file begins while a record waits to be written soon -> later ones are still written soon', async (t) => {
  const { trail } = make(t);
  const one = trail({ fileBytes: 4096 });
  one.start(1);
  one.writeSoon({ kind: 'stop', why: 'a' });
  for (let index = 0; index < 30; index += 1) one.write({ kind: 'operator', by: 'ann', change: 'x'.repeat(100) });
  const { seq } = one.head;
  one.writeSoon({ kind: 'stop', why: 'b' });
  assert.equal(await until(async () => one.head.seq === seq + 1 || undefined, { timeoutMs: 1000, everyMs: 5 }), true);
});

test('Trail: one who is told a number fails -> the others are told theirs, and it is said', async (t) => {
  const { trail, complaints } = make(t);
  const one = trail();
  one.start(1);
  const told: unknown[] = [];
  one.writeTogether({ kind: 'stop', why: 'a' }, () => {
    throw new Error('broken');
  });
  one.writeTogether({ kind: 'stop', why: 'b' }, (seq) => told.push(seq));
  await new Promise(setImmediate);
  assert.deepEqual([told, complaints], [[3], ['what came after a record failed: broken']]);
});

test('Trail: records that are written together cannot be written -> each is told so', async (t) => {
  const { folder, trail, complaints } = make(t);
  writeFileSync(folder, 'not a folder');
  const told: unknown[] = [];
  const one = trail();
  for (const why of ['a', 'b']) one.writeTogether({ kind: 'stop', why }, (seq) => told.push(seq));
  await new Promise(setImmediate);
  assert.deepEqual(told, [undefined, undefined]);
  assert.equal(complaints.length, 1);
  rmSync(folder);
  assert.equal(one.write({ kind: 'stop', why: 'c' }), 2);
  assert.deepEqual(kinds(folder), ['1 gap', '2 stop']);
  assert.match(readFileSync(join(folder, trailFileName(1)), 'utf8'), /"records":2/);
});

test('Trail: a torn last line -> kept, closed, and followed by a gap of its size', (t) => {
  const { folder, trail } = make(t);
  const first = trail();
  first.start(1);
  first.close();
  appendFileSync(join(folder, trailFileName(1)), '{"seq":2,"ti');
  trail().start(2);
  assert.deepEqual(kinds(folder), ['1 start', 'torn', '2 gap', '3 start']);
  assert.match(readFileSync(join(folder, trailFileName(1)), 'utf8'), /"kind":"gap","bytes":12,/);
});

test('Trail: a file that is all torn -> the chain goes on from the file before', (t) => {
  const { folder, trail } = make(t);
  const first = trail();
  first.start(1);
  first.close();
  writeFileSync(join(folder, trailFileName(2)), '{"se');
  trail().start(2);
  assert.deepEqual(kinds(folder), ['1 start', 'torn', '2 gap', '3 start']);
});

test('Trail: more than a file holds -> rotates, keeps the chain, drops the oldest, and names the oldest kept', (t) => {
  const { folder, trail } = make(t);
  const one = trail({ fileBytes: 4096, files: 3 });
  one.start(1);
  for (let index = 0; index < 100; index += 1) one.write({ kind: 'operator', by: 'ann', change: 'x'.repeat(100) });
  const names = readdirSync(folder).toSorted();
  assert.equal(names.length, 3);
  for (const name of names) assert.ok(readFileSync(join(folder, name)).length <= 4096);
  const seqs = kinds(folder).map((line) => Number(line.split(' ')[0]));
  assert.deepEqual(
    seqs,
    seqs.map((_seq, index) => (seqs[0] ?? 0) + index),
  );
  const newest = openLine(readFileSync(join(folder, names[2] ?? ''), 'utf8').split('\n')[0] ?? '')?.record;
  assert.deepEqual([newest?.['kind'], trailFileName(Number(newest?.['oldest']))], ['file', names[0]]);
});

test('Trail: cannot be written, then can -> says so once, and records how many were lost', (t) => {
  const { folder, trail, complaints } = make(t);
  // A file where the folder should be: not even root can write below it.
  writeFileSync(folder, '');
  const one = trail();
  one.start(1);
  assert.equal(one.write({ kind: 'stop', why: 'a' }), undefined);
  assert.equal(one.write({ kind: 'stop', why: 'b' }), undefined);
  assert.match(one.error ?? '', /EEXIST|ENOTDIR/);
  rmSync(folder);
  mkdirSync(folder);
  assert.equal(one.write({ kind: 'stop', why: 'c' }), 2);
  assert.deepEqual(kinds(folder), ['1 gap', '2 stop']);
  assert.match(readFileSync(join(folder, trailFileName(1)), 'utf8'), /"kind":"gap","bytes":0,"records":2/);
  assert.deepEqual(
    complaints.map((line) => line.split(':')[0]),
    ['the trail cannot be written', 'the trail is written again'],
  );
});

const IN_THE_WAY: readonly (readonly [what: string, put: (path: string) => void])[] = [
  ['a pipe', (path) => void execFileSync('mkfifo', [path])],
  ['a link', (path) => symlinkSync('elsewhere', path)],
];
for (const [what, put] of IN_THE_WAY) {
  test(`Trail: ${what} under the name of its newest file -> said, not waited for or followed`, (t) => {
    const { folder, trail, complaints } = make(t);
    mkdirSync(folder);
    put(join(folder, trailFileName(7)));
    const one = trail();
    one.start(1);
    assert.match(one.error ?? '', /ENXIO|ELOOP/);
    assert.equal(complaints.length, 1);
    assert.deepEqual(readdirSync(folder), [trailFileName(7)]);
  });
}

test('Trail: a record longer than a file -> one file more, the older ones stay', (t) => {
  const { folder, trail, complaints } = make(t);
  const one = trail({ fileBytes: 4096, files: 3 });
  one.start(1);
  one.write({ kind: 'operator', by: 'root', change: 'x'.repeat(20_000) });
  assert.deepEqual([readdirSync(folder).length, complaints], [2, []]);
  assert.deepEqual(kinds(folder), ['1 start', '2 file', '3 operator']);
});

for (const [situation, text, torn] of [
  ['only a newline', '\n', 1],
  ['a newline and rubbish', '\nrubbish', 8],
  ['several newlines', '\n\n\n', 3],
  ['nothing', '', 0],
] as const) {
  test(`readTail: ${situation} -> no head, all of it torn`, () => {
    assert.deepEqual(readTail(Buffer.from(text)), { torn, size: text.length });
  });
}

test('Trail: what has ended -> with the next record in its order, alone after some milliseconds, and before it is closed', async (t) => {
  const { folder, trail } = make(t);
  const one = trail();
  one.start(1);
  const end = { kind: 'end', of: 1, client: 'a', host: 'b.example', port: 443, up: 1, down: 2, ms: 3, why: 'closed' } as const;
  one.writeSoon(end);
  assert.deepEqual(kinds(folder), ['1 start']);
  assert.equal(one.write({ kind: 'stop', why: 'x' }), 3);
  assert.deepEqual(kinds(folder), ['1 start', '2 end', '3 stop']);
  one.writeSoon(end);
  assert.equal(await until(() => Promise.resolve(kinds(folder).at(-1) === '4 end' || undefined), { timeoutMs: 5000, everyMs: 5 }), true);
  one.writeSoon(end);
  one.close();
  assert.equal(kinds(folder).at(-1), '5 end');
});

test('Trail: what was kept together is too long for the file -> the next file takes the rest, none is lost', (t) => {
  const { folder, trail } = make(t);
  const one = trail({ fileBytes: 1500, files: 5 });
  one.start(1);
  for (let index = 0; index < 4; index += 1) one.writeSoon({ kind: 'operator', by: 'ann', change: 'x'.repeat(200) });
  assert.equal(one.write({ kind: 'stop', why: 'x' }), 7);
  assert.deepEqual(kinds(folder), ['1 start', '2 operator', '3 operator', '4 operator', '5 file', '6 operator', '7 stop']);
});

test('Trail: what was kept together cannot be written -> each is counted as lost', (t) => {
  const { folder, trail } = make(t);
  writeFileSync(folder, '');
  const one = trail();
  one.writeSoon({ kind: 'stop', why: 'a' });
  one.writeSoon({ kind: 'stop', why: 'b' });
  assert.equal(one.write({ kind: 'stop', why: 'c' }), undefined);
  rmSync(folder);
  assert.equal(one.write({ kind: 'stop', why: 'd' }), 2);
  assert.match(readFileSync(join(folder, trailFileName(1)), 'utf8'), /"records":3,/);
});
