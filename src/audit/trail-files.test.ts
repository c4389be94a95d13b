import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { GENESIS, sealLine, trailFileName } from '../policy/trail-line.ts';
import { NotATrail } from './open-trail.ts';
import { followTrail, queryTrail } from './query-trail.ts';
import { summarise } from './summarise.ts';
import { trailFiles, trailLines } from './trail-files.ts';
import { verifyTrail } from './verify-trail.ts';

const FIRST = sealLine({ seq: 1, time: 1, prev: GENESIS }, { kind: 'start', pid: 1, file: 1, oldest: 1 }).line;

function trailWith(t: TestContext): string {
  const parent = mkdtempSync(join(tmpdir(), 'trail-'));
  t.after(() => rmSync(parent, { recursive: true }));
  const folder = join(parent, 'trail');
  mkdirSync(folder);
  writeFileSync(join(folder, trailFileName(1)), FIRST);
  return folder;
}

const LAST = trailFileName(99_999_999);

/** What somebody with the gate's identity can put into its folder. */
const STRANGE: readonly (readonly [situation: string, make: (folder: string, t: TestContext) => void | Promise<void>, file: string])[] = [
  ['a pipe', (folder) => void execFileSync('mkfifo', [join(folder, LAST)]), LAST],
  ['a link to a private file', (folder) => symlinkSync('/etc/shadow', join(folder, LAST)), LAST],
  ['a link to a trail file', (folder) => symlinkSync(join(folder, trailFileName(1)), join(folder, LAST)), LAST],
  ['a link to nowhere', (folder) => symlinkSync('/nonexistent', join(folder, LAST)), LAST],
  ['a link to an endless device', (folder) => symlinkSync('/dev/zero', join(folder, LAST)), LAST],
  ['a folder', (folder) => mkdirSync(join(folder, LAST)), LAST],
  [
    'a socket',
    async (folder, t) => {
      const server = createServer();
      t.after(() => server.close());
      await new Promise<void>((resolve) => server.listen(join(folder, LAST), resolve));
    },
    LAST,
  ],
  [
    'a file of terabytes that is all hole',
    (folder) => {
      writeFileSync(join(folder, LAST), '');
      truncateSync(join(folder, LAST), 2 ** 41);
    },
    LAST,
  ],
  [
    'a link in the place of the folder',
    (folder) => {
      renameSync(folder, `${folder}.real`);
      symlinkSync(`${folder}.real`, folder);
    },
    'trail',
  ],
  [
    'a pipe in the place of the folder',
    (folder) => {
      rmSync(folder, { recursive: true });
      execFileSync('mkfifo', [folder]);
    },
    'trail',
  ],
];

const READERS: Readonly<Record<string, (folder: string) => Promise<unknown>>> = {
  queryTrail: (folder) => queryTrail(folder, {}, 10),
  summarise: (folder) => summarise(folder, {}),
  followTrail: (folder) => followTrail(folder, {}, AbortSignal.timeout(2000)).next(),
};

for (const [situation, make, file] of STRANGE) {
  test(`verifyTrail: ${situation} -> a broken trail, nothing read, no waiting`, { timeout: 5000 }, async (t) => {
    const folder = trailWith(t);
    await make(folder, t);
    const checked = await verifyTrail(folder);
    assert.equal(checked.ok, false);
    assert.deepEqual(checked.ok ? [] : [checked.file, checked.why.split(':')[0]], [file, 'something that is not a trail file']);
  });
  for (const [name, read] of Object.entries(READERS)) {
    test(`${name}: ${situation} -> a Problem that names it`, { timeout: 5000 }, async (t) => {
      const folder = trailWith(t);
      await make(folder, t);
      await assert.rejects(read(folder), (error) => error instanceof NotATrail && error.file === file);
    });
  }
}

test('trailFiles: more files than any trail has -> a Problem', async (t) => {
  const folder = trailWith(t);
  for (let index = 0; index < 10_001; index += 1) writeFileSync(join(folder, `x${index}`), '');
  await assert.rejects(trailFiles(folder), NotATrail);
});

test('trailLines: a file that grows while it is read -> what it held when it was opened, then the rest', { timeout: 5000 }, async (t) => {
  const folder = trailWith(t);
  const path = join(folder, trailFileName(1));
  writeFileSync(path, 'a\nb\n');
  const seen: string[] = [];
  let offset = 0;
  for await (const line of trailLines(folder, [1])) {
    seen.push(line.text);
    offset = line.endsAt;
    appendFileSync(path, `${line.text}${line.text}\n`);
  }
  for await (const line of trailLines(folder, [1], { file: 1, offset })) seen.push(line.text);
  assert.deepEqual(seen, ['a', 'b', 'aa', 'bb']);
});
