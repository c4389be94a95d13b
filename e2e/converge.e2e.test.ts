import { join } from 'node:path';
import { test } from 'node:test';
import { labRefusal } from './lab/in-lab.ts';
import { installedData } from './support/installed-runtime.ts';
import { relayTests, testsInLab } from './support/run-in-lab.ts';

// What `up` is trusted for: killed anywhere it goes on, refused it goes back, changed behind its back it says so. Real OpenClaw.
const CHAPTERS = join(import.meta.dirname, 'converge/one-host.ts');
const LIMIT_MS = 12 * 60_000;

test('converging on one host', { skip: (await labRefusal()) || false, timeout: 14 * 60_000 }, async (t) => {
  const env = { LOBSTERPOT_E2E_DATA: await installedData() };
  await relayTests(t, await testsInLab(CHAPTERS, { env, timeoutMs: LIMIT_MS }));
});
