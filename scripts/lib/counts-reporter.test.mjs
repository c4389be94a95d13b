import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const REPORTER = fileURLToPath(new URL('counts-reporter.mjs', import.meta.url));
const FILE = `import { suite, test } from 'node:test';
suite('a', () => {
  test('passes', () => {});
  test('fails', () => { throw new Error('for this reason'); });
  test('is skipped', { skip: 'no unshare here' }, () => {});
  test('skips itself', (t) => t.skip('not as root'));
});
suite('b', { skip: 'a whole suite' }, () => { test('inside', () => {}); });
`;

for (const isolation of ['none', 'process']) {
  test(`countsReporter: --test-isolation=${isolation} -> counts, what failed with its message, and the reason of each skip`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-counts-'));
    try {
      writeFileSync(join(folder, 'a.test.mjs'), FILE);
      const out = join(folder, 'out.json');
      // A test runner inside a test runner talks to the outer one unless it is told apart.
      const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
      spawnSync(
        process.execPath,
        ['--test', `--test-isolation=${isolation}`, `--test-reporter=${REPORTER}`, `--test-reporter-destination=${out}`, 'a.test.mjs'],
        { cwd: folder, env, timeout: 30_000 },
      );
      const { passed, failed, skips, ran, failures } = JSON.parse(readFileSync(out, 'utf8'));
      assert.deepEqual([passed, failed], [1, 1]);
      assert.ok(ran.includes('passes') && !ran.includes('fails') && !ran.includes('is skipped'));
      assert.deepEqual(failures, [{ name: 'fails', message: 'for this reason' }]);
      const reasons = Object.fromEntries(skips.map((one) => [one.name, one.reason]));
      assert.equal(reasons['is skipped'], 'no unshare here');
      assert.equal(reasons['skips itself'], 'not as root');
      assert.ok(Object.values(reasons).includes('a whole suite'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
