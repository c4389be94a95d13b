import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { LAB } from '../e2e/lab/addresses.ts';
import { storeName } from './image/recipe.ts';
import { nasFiles, sshdConfig } from './inside/host-files.ts';
import { hostsOf, MOST_HOSTS, OPERATOR } from './machines.ts';
import { ADDRESS, LAN_UPLINK, netPlan } from './net.ts';
import { oldKernelProfile, SYNOLOGY } from './oddities.ts';
import { enterArgv } from './place.ts';
import { mayMakeNamespaces } from './prerequisites.ts';
import { USERS, withGroup, withMember, withUser } from './users.ts';

describe('netPlan', () => {
  const plan = netPlan([...hostsOf(3), OPERATOR], (name) => `/nets/${name}`);
  test('netPlan: the internet -> its one cable goes to the LAN, and it has no way on', () => {
    assert.deepEqual(
      plan.internet.filter((line) => line.startsWith('link add')),
      ['link add lab0 type veth peer name to-internet netns /nets/lan'],
    );
    assert.ok(plan.internet.includes('route add unreachable default metric 9999'));
    assert.deepEqual(
      plan.internet.filter((line) => line.includes(' via ')),
      [],
    );
    assert.ok(LAN_UPLINK.includes('link set to-internet master lan0'));
  });
  for (const { name, lines } of plan.places) {
    test(`netPlan: ${name} -> one cable, one way out, both in the lab`, () => {
      assert.equal(plan.lan.filter((line) => line.endsWith(`netns /nets/${name}`)).length, 1);
      assert.deepEqual(
        lines.filter((line) => line.startsWith('route')),
        ['route add default via 192.168.222.1'],
      );
    });
  }
});

describe('hostsOf', () => {
  for (const count of [2, 3, 8, MOST_HOSTS]) {
    test(`hostsOf: ${count} -> a Mac, a NAS and more like it, each with an address that nobody else has`, () => {
      const hosts = hostsOf(count);
      assert.equal(hosts.length, count);
      assert.deepEqual(
        hosts.slice(0, 3).map((one) => `${one.kind} ${one.name} ${one.address}`),
        ['mac mac 192.168.222.10', 'nas nas 192.168.222.11', 'nas nas-2 192.168.222.12'].slice(0, count),
      );
      const taken = [...hosts, OPERATOR].map((one) => one.address).concat(LAB.router, LAB.lanNeighbour);
      assert.equal(new Set(taken).size, count + 3);
      assert.equal(OPERATOR.address, ADDRESS.operator);
    });
  }
  for (const count of [0, 1, MOST_HOSTS + 1, 2.5, Number.NaN]) {
    test(`hostsOf: ${count} -> refused`, () => assert.throws(() => hostsOf(count), { code: 'lab/hosts' }));
  }
});

describe('users', () => {
  const passwd = 'root:x:0:0:root:/root:/bin/bash\nadmin:x:5:5::/x:/bin/false\n';
  test('withUser: a user of that name is there -> replaced', () => {
    assert.equal(
      withUser(passwd, USERS.nas, 'passwd'),
      'root:x:0:0:root:/root:/bin/bash\nadmin:x:1026:100::/var/services/homes/admin:/bin/sh\n',
    );
  });
  test('withUser: shadow -> no password, not locked', () => assert.match(withUser('', USERS.mac, 'shadow'), /^me:\*:/));
  test('withGroup: another name, another group of the name -> as on a Mac', () => {
    assert.equal(withGroup('a:x:2:\ndialout:x:20:u\nstaff:x:50:\n', 20, 'staff'), 'a:x:2:\nstaff:x:20:u\nstaff-of-debian:x:50:\n');
  });
  const groups = [
    { text: 'docker:x:105:\n', expected: 'docker:x:105:me\n' },
    { text: 'a:x:1:b\ndocker:x:105:x,me\nz:x:2:\n', expected: 'a:x:1:b\ndocker:x:105:x,me\nz:x:2:\n' },
    { text: 'docker2:x:105:\n', expected: 'docker2:x:105:\n' },
  ] as const;
  for (const { text, expected } of groups) {
    test(`withMember: ${JSON.stringify(text)} -> ${JSON.stringify(expected)}`, () =>
      assert.equal(withMember(text, 'docker', 'me'), expected));
  }
});

describe('the NAS', () => {
  const textOf = (path: string, odd = SYNOLOGY): string => nasFiles(odd, 'admin').find((file) => file.path === path)?.text ?? '';
  test('sudoers: the login user -> docker at its one path and nothing else', () => {
    const rules = textOf('/etc/sudoers')
      .split('\n')
      .filter((line) => line.includes('ALL=') && !line.startsWith('root '));
    assert.deepEqual(rules, ['admin ALL=(root) NOPASSWD: /usr/local/bin/docker']);
    assert.doesNotMatch(textOf('/etc/sudoers'), /secure_path=.*local/);
  });
  test('sshd: as on DSM -> no forwarding, no sftp, a PATH without docker', () => {
    assert.match(textOf('/etc/ssh/sshd_config'), /^AllowTcpForwarding no$/m);
    assert.match(textOf('/etc/ssh/sshd_config'), /^SetEnv PATH=(?!.*local)/m);
    assert.doesNotMatch(textOf('/etc/ssh/sshd_config'), /sftp/);
  });
  test('sshd: a plain host -> forwarding and sftp', () => {
    const text = sshdConfig({ forwarding: true, sftp: true });
    assert.match(text, /^AllowTcpForwarding yes$/m);
    assert.match(text, /^Subsystem sftp /m);
    assert.doesNotMatch(text, /SetEnv/);
  });
  test('seccomp: the old kernel -> everything but the newer calls', () => {
    const profile: unknown = JSON.parse(oldKernelProfile());
    assert.match(JSON.stringify(profile), /"defaultAction":"SCMP_ACT_ALLOW".*"openat2".*"errnoRet":38/);
    assert.equal(textOf('/etc/lobsterpot-lab/kernel-4.4.json', { ...SYNOLOGY, oldKernel: false }), '');
  });
});

test('storeName: any input changes -> another name; the same -> the same', () => {
  const of = (runtime: string, engine: string, programs: readonly string[]): string => storeName({ runtime, engine, programs });
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.array(fc.string()), fc.string({ minLength: 1 }), (runtime, engine, programs, more) => {
      const name = of(runtime, engine, programs);
      assert.match(name, /^engine-[0-9a-f]{16}$/);
      assert.equal(of(runtime, engine, programs), name);
      for (const other of [
        of(runtime + more, engine, programs),
        of(runtime, engine + more, programs),
        of(runtime, engine, [...programs, more]),
      ])
        assert.notEqual(other, name);
    }),
  );
});

const rights = [
  { name: 'all', status: 'Name:\tx\nCapEff:\t000001ffffffffff\n', expected: true },
  { name: 'a container', status: 'CapEff:\t00000000a80425fb\n', expected: false },
  { name: 'an ordinary user', status: 'CapEff:\t0000000000000000\n', expected: false },
  { name: 'no such line', status: '', expected: false },
] as const;
for (const { name, status, expected } of rights) {
  test(`mayMakeNamespaces: ${name} -> ${expected}`, () => assert.equal(mayMakeNamespaces(status), expected));
}

test('enterArgv: a user, root -> that identity, and an end together with the caller', () => {
  const enter = ['nsenter', '--target', '7', '--mount', '--uts', '--net', '--pid', '--', 'setpriv'];
  assert.deepEqual(enterArgv(7, USERS.mac, ['ls']), [
    ...enter,
    '--reuid',
    '501',
    '--regid',
    '20',
    '--init-groups',
    '--pdeathsig',
    'KILL',
    'ls',
  ]);
  assert.deepEqual(enterArgv(7, undefined, ['ls']), [...enter, '--pdeathsig', 'KILL', 'ls']);
});
