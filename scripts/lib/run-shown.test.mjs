import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runShown } from './run-shown.mjs';

const node = (program) => [process.execPath, '--eval', program];

for (const { name, argv, limitMs = 20_000, ok, stdout = '', all = stdout } of [
  {
    name: 'it ends well -> its words on stdout, and in all',
    argv: node('console.log("a"); console.error("b")'),
    ok: true,
    stdout: 'a\n',
    all: /a\n/,
  },
  { name: 'it fails -> not ok', argv: node('process.exit(3)'), ok: false },
  { name: 'there is no such program -> not ok', argv: ['/nonexistent'], ok: false },
  { name: 'it does not end -> ended at the limit', argv: node('setInterval(() => {}, 1000)'), limitMs: 500, ok: false },
  {
    name: 'it leaves a daemon that holds its stdout -> not waited for',
    argv: node(
      `require('node:child_process').spawn(process.execPath, ['--eval', 'setTimeout(() => {}, 8000)'], { stdio: 'inherit' }).unref()`,
    ),
    ok: true,
  },
]) {
  test(`runShown: ${name}`, async () => {
    const ended = await runShown(argv, { cwd: process.cwd(), env: process.env, limitMs });
    assert.deepEqual([ended.ok, ended.stdout], [ok, stdout]);
    if (all instanceof RegExp) assert.match(ended.all, all);
    assert.ok(ended.ms < 7000, `${ended.ms} ms`);
  });
}
