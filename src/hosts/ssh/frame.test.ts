import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { framed, outputStart, parseStderr } from './frame.ts';

const MARK = 'lobsterpot-0123';

function ran(script: string, noise = ''): { readonly stdout: string; readonly told: ReturnType<typeof parseStderr> } {
  const { stdout, stderr } = spawnSync('/bin/sh', ['-c', `${noise}\n${framed(script, MARK)}`], { encoding: 'utf8' });
  return { stdout: stdout.slice(outputStart(Buffer.from(stdout), MARK)), told: parseStderr(stderr, MARK) };
}

for (const [name, script, stdout, stderr, code] of [
  ['both outputs', 'echo out; echo err >&2', 'out\n', 'err\n', 0],
  ['no final newline', 'printf out; printf err >&2; exit 3', 'out', 'err', 3],
  ["255 is the program's own", 'exit 255', '', '', 255],
  ['a signal', "kill -9 $(sh -c 'echo $PPID')", '', /Killed|^$/, 137],
  ['nothing', ':', '', '', 0],
  ['a syntax error inside eval', "eval 'if'", '', /./, 2],
] as const) {
  test(`framed: ${name} -> told as it is`, () => {
    const { stdout: out, told } = ran(script, 'echo Welcome; echo last login >&2; printf half');
    assert.equal(out, stdout);
    if (typeof stderr === 'string') assert.equal(told.stderr, stderr);
    else assert.match(told.stderr, stderr);
    assert.equal(told.code, code);
    assert.ok(told.pid !== undefined && told.pid > 1);
  });
}

test('parseStderr: never started, cut off -> undefined, never a code', () => {
  assert.deepEqual(parseStderr('Permission denied', MARK), { pid: undefined, code: undefined, stderr: 'Permission denied' });
  assert.deepEqual(parseStderr(`hello\n${MARK} 77\npart`, MARK), { pid: 77, code: undefined, stderr: 'part' });
  assert.equal(outputStart(Buffer.from('Welcome to DSM\n'), MARK), undefined);
});
