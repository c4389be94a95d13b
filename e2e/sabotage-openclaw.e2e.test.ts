import { join } from 'node:path';
import { test } from 'node:test';
import { labRefusal } from './lab/in-lab.ts';
import { installedData } from './support/installed-runtime.ts';
import { relayTests, testsInLab } from './support/run-in-lab.ts';

// The proof of the proof on the real OpenClaw, on a throw-away host: the tests themselves are in sabotage/gateway-suite.ts.
const SUITE = join(import.meta.dirname, 'sabotage/gateway-suite.ts');
const LIMIT_MS = 12 * 60_000;

test('sabotage of the real OpenClaw', { skip: await labRefusal(), timeout: 15 * 60_000 }, async (t) => {
  const env = { LOBSTERPOT_E2E_DATA: await installedData() };
  await relayTests(t, await testsInLab(SUITE, { env, timeoutMs: LIMIT_MS }));
});
