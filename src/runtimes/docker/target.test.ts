import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { targetOf } from './target.ts';

const INFO = {
  CpuCfsQuota: false,
  CPUSet: true,
  PidsLimit: false,
  MemoryLimit: true,
  SwapLimit: false,
  SecurityOptions: ['name=apparmor'],
  KernelVersion: '4.4.302+',
  NCPU: 4,
};
const IMAGE = { image: 'sha256:1', ipv6: true };
const OF = { info: INFO, image: IMAGE, openclaw: '2026.9.6', subnet: '10.87.16.0/20' };

suite('targetOf', () => {
  test('a Synology -> what its kernel can', () => {
    assert.deepEqual(targetOf(OF), {
      image: 'sha256:1',
      openclaw: '2026.9.6',
      kernel: '4.4.302+',
      cpus: 4,
      can: { cpuQuota: false, cpuSet: true, pids: false, memory: true, swap: false, seccomp: false },
      ipv6: true,
      subnet: { first: 0x0a571000, prefix: 20 },
    });
  });

  const options: ReadonlyArray<readonly [string, boolean]> = [
    ['name=seccomp,profile=default', true],
    ['name=seccomp,profile=builtin', true],
    ['name=seccomp,profile=unconfined', false],
    ['name=apparmor', false],
  ];
  for (const [option, expected] of options) {
    test(`${option} -> ${expected ? 'a' : 'no'} syscall filter`, () => {
      assert.equal(targetOf({ ...OF, info: { ...INFO, SecurityOptions: [option] } }).can.seccomp, expected);
    });
  }

  test('the image knows its OpenClaw better', () => {
    assert.equal(targetOf({ ...OF, image: { ...IMAGE, openclaw: '2026.9.4' } }).openclaw, '2026.9.4');
  });

  test('a subnet that is none -> a Problem', () =>
    assert.throws(() => targetOf({ ...OF, subnet: '10.87.16.1/20' }), { code: 'docker/subnet' }));
});
