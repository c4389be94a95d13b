import { join } from 'node:path';
import { test } from 'node:test';
import { labRefusal } from './lab/in-lab.ts';
import { installedData } from './support/installed-runtime.ts';
import { relayTests, testsInLab } from './support/run-in-lab.ts';

// The real OpenClaw with its keys at the gate, on a throw-away host: the tests themselves are in routes/one-host.ts.
const SUITE = join(import.meta.dirname, 'routes/one-host.ts');
const LIMIT_MS = 6 * 60_000;

const refusal = await labRefusal();
const skip = refusal === false && process.getuid?.() !== 0 ? 'only root reads the memory of another user' : refusal;

test('credential routes', { skip, timeout: 8 * 60_000 }, async (t) => {
  const env = { LOBSTERPOT_E2E_DATA: await installedData() };
  await relayTests(t, await testsInLab(SUITE, { env, timeoutMs: LIMIT_MS }));
});
