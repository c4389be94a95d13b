import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HEALTH_TEST } from '../../runtimes/docker/compose.ts';
import { testSubject } from '../testing/subject.ts';
import type { ProcessFacts, SelfFacts } from './attempt.ts';
import { FORWARDER_PROBES } from './forwarder-probe.ts';

const SELF: SelfFacts = { pid: 40, procSelf: '40', namespaces: {}, mounts: [] };

const seen = (pid: number, ...argv: readonly string[]): ProcessFacts => ({
  pid,
  name: argv[0]?.split('/').at(-1) ?? '',
  argv: [...argv],
  status: { PPid: '0', State: 'S (sleeping)' },
  limits: {},
});
const LAUNCHER = seen(7, '/usr/local/bin/node', '/opt/lobsterpot/launcher.mjs', '/opt/lobsterpot/spec.json');

const CASES: readonly { readonly name: string; readonly also: readonly string[]; readonly status: string }[] = [
  { name: "the engine's health test", also: ['/bin/sh', '-c', HEALTH_TEST], status: 'pass' },
  { name: 'what the health test starts', also: ['cat', '/run/lobsterpot/disk'], status: 'pass' },
  { name: 'a shell', also: ['/bin/sh'], status: 'fail' },
  { name: 'a shell with more than the health test', also: ['/bin/sh', '-c', `${HEALTH_TEST}; id`], status: 'fail' },
  { name: 'a shell with arguments after it', also: ['/bin/sh', '-c', HEALTH_TEST, 'more'], status: 'fail' },
  { name: 'a program that reads another file', also: ['cat', '/secrets/key'], status: 'fail' },
];

for (const { name, also, status } of CASES) {
  test(`host.forwarder-only: ${name} beside the launcher -> ${status}`, () => {
    const [probe] = FORWARDER_PROBES;
    const processes = [seen(1, '/sbin/docker-init'), LAUNCHER, seen(41, ...also)];
    const results = new Map([['processes', { outcome: 'succeeded', self: SELF, processes } as const]]);
    assert.equal(probe?.judge(results, testSubject()).status, status);
  });
}
