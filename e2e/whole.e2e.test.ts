import { join } from 'node:path';
import { test } from 'node:test';
import { identities } from './support/identities.ts';
import { installedData } from './support/installed-runtime.ts';
import { relayTests, testsInLab } from './support/run-in-lab.ts';

// The real OpenClaw under the real command line, on a throw-away host: the tests themselves are in scenario/.
const SCENARIO = join(import.meta.dirname, 'scenario/scenario.ts');
const ORDINARY_USER = 61_077;
const LIMIT_MS = 12 * 60_000;

for (const { name, options, skip } of await identities(ORDINARY_USER)) {
  test(`lobsterpot ${name}`, { skip, timeout: 20 * 60_000 }, async (t) => {
    const env = { LOBSTERPOT_E2E_DATA: await installedData() };
    await relayTests(t, await testsInLab(SCENARIO, { ...options, env, timeoutMs: LIMIT_MS }));
  });
}
