import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { endProcessesThatName } from './processes.mjs';

test('endProcessesThatName: one that names the folder and one that does not -> the first is told and ended', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-processes-'));
  const start = (...args) => spawn(process.execPath, ['--eval', 'setTimeout(() => {}, 20_000)', ...args], { stdio: 'ignore' });
  const [named, other] = [start(join(folder, 'x')), start('x')];
  try {
    await Promise.all([once(named, 'spawn'), once(other, 'spawn')]);
    const ended = endProcessesThatName(folder);
    assert.equal(ended.length, 1);
    assert.match(ended[0], new RegExp(`^${named.pid} .*${folder}/x$`));
    const [, signal] = await once(named, 'exit');
    assert.deepEqual([signal, other.exitCode, endProcessesThatName(folder)], ['SIGKILL', null, []]);
  } finally {
    other.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});
