import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXIT } from '../../../core/exit-code.ts';
import { Problem } from '../../../core/problem.ts';
import type { FactsRequest, HostFacts } from '../../../hosts/host.ts';
import { parseFacts } from '../../../hosts/parse-facts.ts';
import { DEBIAN, MACOS, SYNOLOGY } from '../../../hosts/testing/facts-fixtures.ts';
import { MACOS_LOOK, SYNOLOGY_LOOK } from '../../../hosts/testing/look-fixtures.ts';
import { GOOD_SEEN, serviceOf } from '../testing/good-hosts.ts';
import { examineHost } from './examine-host.ts';
import type { Asked } from './host-check.ts';

const BEGAN = 1_795_322_197_900;
const ASKED: Asked = {
  ...GOOD_SEEN.linux.asked,
  root: '/volume1/docker/openclaw',
  services: [serviceOf('gate'), serviceOf('node', { volumes: [{ path: '/volume1/gone/photos', readOnly: true }] })],
  linksHere: [],
};

/** A host that prints this, and how often it was asked. */
function hostThatPrints(text: string, beganAt: number): { facts: (ask?: FactsRequest) => Promise<HostFacts>; asked: FactsRequest[] } {
  const asked: FactsRequest[] = [];
  const facts = (ask: FactsRequest = {}): Promise<HostFacts> => {
    asked.push(ask);
    const read = parseFacts(text, { ...ask, beganAt });
    return read ? Promise.resolve(read) : Promise.reject(new Error('no facts'));
  };
  return { facts, asked };
}

async function notWell(text: string, asked: Asked, beganAt = BEGAN): Promise<readonly string[]> {
  const host = hostThatPrints(text, beganAt);
  const findings = await examineHost(host, asked);
  assert.equal(host.asked.length, 1, 'one round trip');
  return findings
    .filter((one) => one.status !== 'pass')
    .map((one) => `${one.status} ${one.checkId.slice('preflight.'.length)}`)
    .toSorted();
}

test('examineHost: a Synology as it comes -> what its kernel lacks, its ACL, what cannot be seen', async () => {
  assert.deepEqual(await notWell(SYNOLOGY + SYNOLOGY_LOOK, ASKED), [
    'not-enforced control-groups',
    'not-enforced docker-dns',
    'not-enforced folder-acl',
    'not-enforced limit-cpu',
    'not-enforced limit-processes',
    'not-enforced name-questions',
    'not-enforced syscall-filter',
    'unknown image',
    'unknown log-driver',
    'unknown volumes',
  ]);
});

test('examineHost: a Synology that takes a link -> its home of mode 777 and its sshd', async () => {
  const asked: Asked = {
    ...ASKED,
    services: [serviceOf('gateway')],
    linksHere: [{ kind: 'ssh-tunnel', node: 'far', user: 'admin', address: '192.168.1.20', port: 22 }],
  };
  const found = await notWell(SYNOLOGY + SYNOLOGY_LOOK, asked);
  for (const one of ['fail link-home', 'fail link-forwarding', 'fail link-port', 'not-enforced openat2'])
    assert.ok(found.includes(one), `${one} in ${found.join()}`);
});

test('examineHost: Debian where sudo asks and seven seconds ahead -> that, and nothing that only an engine could tell', async () => {
  const found = await notWell(DEBIAN, ASKED, BEGAN - 7900);
  assert.deepEqual(
    found.filter((one) => one.startsWith('fail')),
    ['fail clock-exact', 'fail docker-rights'],
  );
  assert.ok(!found.some((one) => /compose|limit|image/.test(one)), found.join());
});

test('examineHost: a Mac that sleeps, with OrbStack -> power and login, no folder of its own is missed', async () => {
  const asked: Asked = { ...ASKED, root: '~/', services: [serviceOf('gateway')] };
  assert.deepEqual(await notWell(MACOS + MACOS_LOOK, asked), [
    'fail mac-restart',
    'fail mac-sleep',
    'not-enforced syscall-filter',
    'unknown docker-disk',
    'unknown image',
  ]);
});

test('examineHost: no answer -> one finding with the way out; a bug stays a bug', async () => {
  const problem = new Problem('hosts/ssh-refused', 'host nas refuses the connection', {
    cause: 'port 22',
    fix: 'start ssh, then run: lobsterpot up',
    exit: EXIT.unreachable,
  });
  const [finding, ...more] = await examineHost({ facts: () => Promise.reject(problem) }, ASKED);
  assert.deepEqual(
    [finding?.checkId, finding?.status, finding?.fix, more.length],
    ['preflight.reachable', 'fail', 'start ssh, then run: lobsterpot doctor', 0],
  );
  await assert.rejects(examineHost({ facts: () => Promise.reject(new TypeError('bug')) }, ASKED), TypeError);
});
