import { test } from 'node:test';
import { labRefused } from '../lab/prerequisites.ts';
import { startLab } from '../lab/start-lab.ts';
import { readLabTests, relayTests } from './support/run-in-lab.ts';

// The proof of the proof for containers, on a real engine and a real sshd: the tests themselves are in docker-sabotage/.
const LIMIT_MS = 12 * 60_000;
const ON_MAC = '/opt/lobsterpot/e2e';

test('sabotage of containers', { skip: labRefused() ?? false, timeout: 15 * 60_000 }, async (t) => {
  await using lab = await startLab();
  const how = [
    '--test-isolation=none',
    '--test-force-exit',
    `--test-timeout=${LIMIT_MS}`,
    `--test-reporter=${ON_MAC}/support/relay-reporter.ts`,
  ];
  const ran = await lab.mac.run(['/opt/node/node', '--test', ...how, `${ON_MAC}/docker-sabotage/suite.ts`], {
    as: 'root',
    timeoutMs: LIMIT_MS,
  });
  await relayTests(t, readLabTests(ran, LIMIT_MS));
});
