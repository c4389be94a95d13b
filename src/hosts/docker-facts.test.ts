import assert from 'node:assert/strict';
import { test } from 'node:test';

import { dockerFromEngine } from './docker-facts.ts';

const TOLD = {
  version: { Version: '20.10.24', ApiVersion: '1.41', MinAPIVersion: '1.12' },
  info: { CpuCfsQuota: true, PidsLimit: false, SecurityOptions: ['name=seccomp,profile=default'], NCPU: 2 },
  networks: [
    { Name: 'bridge', Driver: 'bridge', IPAM: { Config: [{ Subnet: '172.17.0.0/16' }] } },
    { Name: 'none', Driver: 'null', IPAM: { Config: null } },
  ],
};
const DOCKER = { path: '/usr/local/bin/docker', sudo: '/usr/bin/sudo' };

test('dockerFromEngine: what an engine says of itself -> the same facts as from docker', () => {
  const facts = dockerFromEngine(DOCKER, TOLD);
  assert.deepEqual(
    [facts?.path, facts?.sudo, facts?.version, facts?.apiVersion, facts?.minApiVersion],
    [DOCKER.path, DOCKER.sudo, '20.10.24', '1.41', '1.12'],
  );
  assert.deepEqual([facts?.info.CpuCfsQuota, facts?.info.PidsLimit, facts?.info.NCPU], [true, false, 2]);
  assert.deepEqual(facts?.networks, [
    { name: 'bridge', driver: 'bridge', subnets: ['172.17.0.0/16'] },
    { name: 'none', driver: 'null', subnets: [] },
  ]);
  assert.equal(dockerFromEngine({ path: DOCKER.path }, TOLD)?.sudo, undefined);
});

for (const [what, told] of [
  ['no version', { ...TOLD, version: {} }],
  ['no info', { ...TOLD, info: null }],
  ['no list of networks', { ...TOLD, networks: { message: 'no' } }],
] as const) {
  test(`dockerFromEngine: ${what} -> not known`, () => assert.equal(dockerFromEngine(DOCKER, told), undefined));
}
