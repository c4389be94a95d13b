import assert from 'node:assert/strict';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { testRuntime } from '../src/openclaw/testing/test-runtime.ts';
import { labRefusal } from './lab/in-lab.ts';
import { identities } from './support/identities.ts';
import { installedData } from './support/installed-runtime.ts';
import { testsInLab } from './support/run-in-lab.ts';

// The proof of the proof, on a throw-away host: the tests themselves are in sabotage/.
const SUITE = join(import.meta.dirname, 'sabotage/suite.ts');
const GATEWAY_SUITE = join(import.meta.dirname, 'sabotage/gateway-suite.ts');
const ORDINARY_USER = 61_078;
const LIMIT_MS = 8 * 60_000;

const refusal = await labRefusal();

for (const { name, options, skip } of await identities(ORDINARY_USER)) {
  test(`sabotage ${name}`, { skip, timeout: 10 * 60_000 }, async (t) => {
    const { openclaw } = await testRuntime();
    // RUNTIME/node_modules/openclaw/openclaw.mjs
    const env = { LOBSTERPOT_E2E_RUNTIME: resolve(dirname(openclaw), '../..') };
    await relay(t, await testsInLab(SUITE, { ...options, env, timeoutMs: LIMIT_MS }));
  });
}

test('sabotage of the real OpenClaw', { skip: refusal, timeout: 12 * 60_000 }, async (t) => {
  const env = { LOBSTERPOT_E2E_DATA: await installedData() };
  await relay(t, await testsInLab(GATEWAY_SUITE, { env, timeoutMs: LIMIT_MS }));
});

async function relay(t: TestContext, { results, ended }: Awaited<ReturnType<typeof testsInLab>>): Promise<void> {
  for (const one of results) {
    await t.test(one.name, { skip: one.skipped === '' ? false : one.skipped }, (inner) => {
      inner.diagnostic(`${one.ms} ms in the lab`);
      assert.ok(one.ok, one.error);
    });
  }
  assert.equal(ended ?? '', '');
}
