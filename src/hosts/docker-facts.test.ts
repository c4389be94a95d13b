import assert from 'node:assert/strict';
import { test } from 'node:test';

import { dockerFromEngine } from './docker-facts.ts';

const TOLD = {
  apiVersion: '1.41',
  info: { ServerVersion: '20.10.24', CpuCfsQuota: true, PidsLimit: false, SecurityOptions: ['name=seccomp,profile=default'], NCPU: 2 },
  networks: [
    { Name: 'bridge', Driver: 'bridge', IPAM: { Config: [{ Subnet: '172.17.0.0/16' }] } },
    { Name: 'none', Driver: 'null', IPAM: { Config: null } },
  ],
};
const DOCKER = { path: '/usr/local/bin/docker', sudo: '/usr/bin/sudo' };

test('dockerFromEngine: what an engine says of itself -> the same facts as from docker', () => {
  const facts = dockerFromEngine(DOCKER, TOLD);
  assert.deepEqual([facts?.path, facts?.sudo, facts?.version, facts?.apiVersion], [DOCKER.path, DOCKER.sudo, '20.10.24', '1.41']);
  assert.deepEqual([facts?.info.CpuCfsQuota, facts?.info.PidsLimit, facts?.info.NCPU], [true, false, 2]);
  assert.deepEqual(facts?.networks, [
    { name: 'bridge', driver: 'bridge', subnets: ['172.17.0.0/16'] },
    { name: 'none', driver: 'null', subnets: [] },
  ]);
  assert.equal(dockerFromEngine({ path: DOCKER.path }, TOLD)?.sudo, undefined);
});

for (const [what, told] of [
  ['no version', { ...TOLD, info: { ...TOLD.info, ServerVersion: undefined } }],
  ['no info', { ...TOLD, info: null }],
  ['no list of networks', { ...TOLD, networks: { message: 'no' } }],
] as const) {
  test(`dockerFromEngine: ${what} -> not known`, () => assert.equal(dockerFromEngine(DOCKER, told), undefined));
}
