import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findChromium } from './control-ui/find-chromium.ts';
import { labRefusal } from './lab/in-lab.ts';
import { installedData } from './support/installed-runtime.ts';
import { relayTests, testsInLab } from './support/run-in-lab.ts';

// OpenClaw's Control UI in a real browser, as a person uses it: the tests themselves are in control-ui/suite.ts.
const SUITE = join(import.meta.dirname, 'control-ui/suite.ts');
const LIMIT_MS = 8 * 60_000;

const program = findChromium();
const skip = program === undefined ? 'there is no Chromium here (on Debian, as root: apt-get install chromium)' : await labRefusal();

test('Control UI in a browser', { skip, timeout: 15 * 60_000 }, async (t) => {
  const pictures = mkdtempSync(join(tmpdir(), 'lobsterpot-control-ui-'));
  const env = { LOBSTERPOT_E2E_DATA: await installedData(), LOBSTERPOT_E2E_CHROMIUM: program ?? '', LOBSTERPOT_E2E_PICTURES: pictures };
  const ran = await testsInLab(SUITE, { env, timeoutMs: LIMIT_MS });
  await relayTests(t, ran);
  // What a failed test showed is kept, and its error says where.
  if (ran.results.every((one) => one.ok)) rmSync(pictures, { recursive: true });
});
