import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runInLanes } from './run-tests.mjs';

const FILES = {
  good: "import { test } from 'node:test'; test('one', () => {}); test('two', { skip: 'not here' }, () => {});",
  bad: "import { test } from 'node:test'; test('three', () => { throw new Error('as meant by the test of the runner'); });",
  crash: 'process.kill(process.pid, "SIGKILL");',
};

test('runInLanes: good, failing and crashing files -> each counted, and nothing that ended badly passes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-runner-'));
  // A run of node:test inside one would take itself for a part of it.
  const { NODE_TEST_CONTEXT } = process.env;
  delete process.env.NODE_TEST_CONTEXT;
  try {
    const paths = Object.entries(FILES).map(([name, text]) => {
      const path = join(folder, `${name}.test.mjs`);
      writeFileSync(path, text);
      return path;
    });
    const suite = { args: [], lanes: 2 };
    const said = [];
    const io = { say: (line) => said.push(line), show: (text) => said.push(String(text)) };
    const [good, bad, crash] = await runInLanes(suite, paths, performance.now() + 30_000, io);
    assert.deepEqual([good.passed, good.failed, good.skips.length, good.ran], [1, 0, 1, ['one']]);
    assert.deepEqual([bad.passed, bad.failed], [0, 1]);
    assert.ok(crash.failed > 0);
    for (const line of [/^begins: \S+good\.test\.mjs$/m, /as meant by the test/, /^FAILED: \S+crash\.test\.mjs, /m])
      assert.match(said.join('\n'), line);
    const [late] = await runInLanes(suite, paths.slice(0, 1), performance.now() - 1, io);
    assert.deepEqual([late.failed, /good\.test\.mjs was not begun/.test(late.broken)], [1, true]);
  } finally {
    if (NODE_TEST_CONTEXT !== undefined) process.env.NODE_TEST_CONTEXT = NODE_TEST_CONTEXT;
    rmSync(folder, { recursive: true, force: true });
  }
});
