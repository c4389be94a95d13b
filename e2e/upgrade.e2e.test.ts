import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { labRefusal } from './lab/in-lab.ts';
import { relayTests, testsInLab } from './support/run-in-lab.ts';
import { versionsFolder } from './upgrade/versions-folder.ts';

// Two real OpenClaw versions under the real command line, on a throw-away host: the tests themselves are in upgrade/scenario.ts.
const SCENARIO = join(import.meta.dirname, 'upgrade/scenario.ts');
const LIMIT_MS = 8 * 60_000;

test('backup, restore, upgrade and prune', { skip: await labRefusal(), timeout: 20 * 60_000 }, async (t) => {
  const data = await versionsFolder();
  try {
    await relayTests(t, await testsInLab(SCENARIO, { env: { LOBSTERPOT_E2E_DATA: data }, timeoutMs: LIMIT_MS }));
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
});
