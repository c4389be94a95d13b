import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { testRuntime } from '../src/openclaw/testing/test-runtime.ts';
import { identities } from './support/identities.ts';
import { relayTests, testsInLab } from './support/run-in-lab.ts';

// The proof of the proof, on a throw-away host: the tests themselves are in sabotage/suite.ts.
const SUITE = join(import.meta.dirname, 'sabotage/suite.ts');
const ORDINARY_USER = 61_078;
const LIMIT_MS = 12 * 60_000;

for (const { name, options, skip } of await identities(ORDINARY_USER)) {
  test(`sabotage ${name}`, { skip, timeout: 15 * 60_000 }, async (t) => {
    const { openclaw } = await testRuntime();
    // RUNTIME/node_modules/openclaw/openclaw.mjs
    const env = { LOBSTERPOT_E2E_RUNTIME: resolve(dirname(openclaw), '../..') };
    await relayTests(t, await testsInLab(SUITE, { ...options, env, timeoutMs: LIMIT_MS }));
  });
}
