import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeFailure } from './file-answers.ts';

for (const [said, code, what, fix] of [
  ['cat: write error: No space left on device', 'hosts/disk-full', /no space left on host nas to write \/d\/f$/, /df -h \/d ; df -i \/d/],
  ["ENOSPC: no space left on device, mkdir '/d'", 'hosts/disk-full', /no space left on host nas/, /df -i/],
  ['mkdir: /d: Disk quota exceeded', 'hosts/disk-full', /no space left/, /lobsterpot up$/],
  ["EROFS: read-only file system, open '/d/f'", 'hosts/read-only', /on host nas is read-only$/, /dir: of that host/],
  ["EACCES: permission denied, open '/d/f'", 'hosts/write', /^not allowed to write \/d\/f on host nas$/, /ls -ld \/d\b/],
  ['chown: Operation not permitted', 'hosts/write', /^not allowed to write/, /who owns it/],
  ['got 3 of 9 bytes', 'hosts/write', /^cannot write \/d\/f on host nas$/, /lobsterpot up$/],
] as const) {
  test(`writeFailure: ${said} -> ${code}`, () => {
    const problem = writeFailure('nas', '/d/f', `${said}\n`);
    assert.equal(problem.code, code);
    assert.match(problem.message, what);
    assert.ok(problem.why.startsWith(said));
    assert.match(problem.fix, fix);
  });
}
