import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

const PROGRAM = readFileSync(new URL('files.mjs', import.meta.url), 'utf8');

/** What files.mjs answers to each request, on a folder with a file, a link and a folder in it. */
function answersTo(t: TestContext, requests: readonly object[]): readonly unknown[] {
  const root = mkdtempSync(join(tmpdir(), 'files-'));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'state'));
  writeFileSync(join(root, 'state/trail'), 'one\ntwo\n');
  symlinkSync('trail', join(root, 'state/link'));
  symlinkSync('state', join(root, 'aside'));
  const input = requests.map((one) => `${JSON.stringify(one)}\n`).join('');
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', PROGRAM, root], { input, encoding: 'utf8' });
  return said
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const PARTS: readonly (readonly [situation: string, path: string, offset: number, expected: object])[] = [
  ['from the beginning', 'state/trail', 0, { value: { size: 8, content: base64('one\ntwo\n') } }],
  ['from where it was read to', 'state/trail', 4, { value: { size: 8, content: base64('two\n') } }],
  ['from its end', 'state/trail', 8, { value: { size: 8, content: '' } }],
  ['from behind its end: it became shorter', 'state/trail', 99, { value: { size: 8, content: '' } }],
  ['a file that is not there', 'state/none', 0, { value: null }],
  ['a folder that is not there', 'none/trail', 0, { value: null }],
  ['a folder', 'state', 0, { error: { code: 'not-plain', message: 'it is not a plain file' } }],
  ['a way through a link', 'aside/trail', 0, { error: { code: 'not-plain', message: 'aside is not a folder' } }],
];
for (const [situation, path, offset, expected] of PARTS) {
  test(`files.mjs readFrom: ${situation} -> ${JSON.stringify(expected).slice(0, 60)}`, (t) => {
    assert.deepEqual(answersTo(t, [{ op: 'readFrom', path, offset }]), [expected]);
  });
}

test('files.mjs readFrom: a link, a way upwards -> refused, and the next request is answered', (t) => {
  const [link, upwards, plain] = answersTo(t, [
    { op: 'readFrom', path: 'state/link', offset: 0 },
    { op: 'readFrom', path: '../x', offset: 0 },
    { op: 'read', path: 'state/trail' },
  ]);
  assert.match(JSON.stringify([link, upwards]), /"code":"ELOOP"[^]*not a plain path/);
  assert.deepEqual(plain, { value: base64('one\ntwo\n') });
});
