import { join } from 'node:path';
import { test } from 'node:test';
import { labRefusal } from './lab/in-lab.ts';
import { installedData } from './support/installed-runtime.ts';
import { relayTests, testsInLab } from './support/run-in-lab.ts';

// Every credential of a deployment of one machine, replaced under the real OpenClaw on a throw-away host.
const CHAPTERS = join(import.meta.dirname, 'rotation/one-host.ts');
const LIMIT_MS = 10 * 60_000;

test('rotation on one host', { skip: (await labRefusal()) || false, timeout: 12 * 60_000 }, async (t) => {
  const env = { LOBSTERPOT_E2E_DATA: await installedData() };
  await relayTests(t, await testsInLab(CHAPTERS, { env, timeoutMs: LIMIT_MS }));
});
