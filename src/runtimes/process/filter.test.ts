import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import fc from 'fast-check';

import { buildFilter, filterBytes, filterText } from './filter.ts';
import { CALLS, NEWEST_KNOWN, REFUSED, type Arch } from './syscalls.ts';
import { evaluate } from './testing/bpf.ts';

const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const EPERM = 0x50001;
const ENOSYS = 0x50026;
const EAFNOSUPPORT = 0x50061;
const ARCHES: ReadonlyArray<readonly [Arch, number]> = [
  ['x64', 0xc000003e],
  ['arm64', 0xc00000b7],
];

for (const [arch, id] of ARCHES) {
  const program = buildFilter(arch);
  const verdict = (number: number, args: readonly number[] = [0, 0, 0, 0, 0, 0], as = id): number =>
    evaluate(program, { arch: as, number, args });

  suite(`buildFilter ${arch}`, () => {
    test('the text that people read -> golden', (t) => {
      t.assert.fileSnapshot(filterText(arch), join(import.meta.dirname, 'testing/golden', `filter-${arch}.txt`), { serializers: [String] });
    });

    test('the bytes -> eight an instruction, the same program', () => {
      const bytes = filterBytes(arch);
      assert.equal(bytes.length, program.length * 8);
      assert.ok(program.length <= 4096, 'BPF_MAXINSNS');
      const [first] = program;
      assert.deepEqual([bytes.readUInt16LE(0), bytes[2], bytes[3], bytes.readUInt32LE(4)], [first?.code, first?.jt, first?.jf, first?.k]);
      const text = filterText(arch)
        .split('\n')
        .filter((line) => /^[0-9a-f]{2} /.test(line));
      const packed = text.flatMap((line) => {
        const [code, jt, jf, k] = line.split(' ').map((part) => Number.parseInt(part, 16));
        const one = Buffer.alloc(8);
        one.writeUInt16LE(code ?? 0, 0);
        one.writeUInt8(jt ?? 0, 2);
        one.writeUInt8(jf ?? 0, 3);
        one.writeUInt32LE(k ?? 0, 4);
        return [...one];
      });
      assert.deepEqual(Buffer.from(packed), bytes);
    });

    test('every refused call -> EPERM, whatever its arguments', () => {
      fc.assert(
        fc.property(
          fc.constantFrom(...Object.keys(REFUSED)),
          fc.array(fc.nat(0xffffffff), { minLength: 6, maxLength: 6 }),
          (name, args) => {
            const number = REFUSED[name]?.[arch];
            if (number !== undefined) assert.equal(verdict(number, args), EPERM, name);
          },
        ),
      );
    });

    test('another instruction set -> killed', () => {
      for (const other of [0x40000003, 0xc000003e, 0xc00000b7, 0].filter((one) => one !== id))
        assert.equal(verdict(39, undefined, other), KILL);
    });

    test('a call newer than the table, x32 -> ENOSYS', () => {
      for (const number of [NEWEST_KNOWN + 1, 1000, 0x40000000 | 39, 0xffffffff]) assert.equal(verdict(number), ENOSYS);
    });

    const calls: ReadonlyArray<readonly [string, number, readonly number[], number]> = [
      ['socket unix', CALLS.socket[arch], [1, 1, 0], ALLOW],
      ['socket inet', CALLS.socket[arch], [2, 1, 0], ALLOW],
      ['socket inet6', CALLS.socket[arch], [10, 2, 17], ALLOW],
      ['socket netlink route', CALLS.socket[arch], [16, 3, 0], ALLOW],
      ['socket netlink uevent', CALLS.socket[arch], [16, 3, 15], EAFNOSUPPORT],
      ['socket netlink netfilter', CALLS.socket[arch], [16, 3, 12], EAFNOSUPPORT],
      ['socket vsock', CALLS.socket[arch], [40, 1, 0], EAFNOSUPPORT],
      ['socket packet', CALLS.socket[arch], [17, 3, 0], EAFNOSUPPORT],
      ['socket alg', CALLS.socket[arch], [38, 5, 0], EAFNOSUPPORT],
      ['socket 0', CALLS.socket[arch], [0, 1, 0], EAFNOSUPPORT],
      ['socketpair unix', CALLS.socketpair[arch], [1, 1, 0], ALLOW],
      ['socketpair tipc', CALLS.socketpair[arch], [30, 1, 0], EAFNOSUPPORT],
      ['socketpair vsock', CALLS.socketpair[arch], [40, 1, 0], EAFNOSUPPORT],
      ['setsockopt SO_REUSEADDR', CALLS.setsockopt[arch], [0, 1, 2], ALLOW],
      ['setsockopt SO_BINDTODEVICE', CALLS.setsockopt[arch], [0, 1, 25], EPERM],
      ['setsockopt SO_BINDTOIFINDEX', CALLS.setsockopt[arch], [0, 1, 62], EPERM],
      ['setsockopt TCP_NODELAY', CALLS.setsockopt[arch], [0, 6, 1], ALLOW],
      ['setsockopt of another level', CALLS.setsockopt[arch], [0, 41, 25], ALLOW],
      ['memfd_create', CALLS.memfd_create[arch], [0, 1], EPERM],
      ['memfd_create, to execute', CALLS.memfd_create[arch], [0, 0x10], EPERM],
      ['memfd_create, never to execute', CALLS.memfd_create[arch], [0, 9], ALLOW],
      ['ioctl FIONREAD', CALLS.ioctl[arch], [0, 0x541b, 0], ALLOW],
      ['ioctl FIOCLEX', CALLS.ioctl[arch], [0, 0x5451, 0], ALLOW],
      ['ioctl FICLONE', CALLS.ioctl[arch], [0, 0x40049409, 0], ALLOW],
      ['ioctl SIOCGIFCONF', CALLS.ioctl[arch], [0, 0x8912, 0], EPERM],
      ['ioctl SIOCGIFNAME', CALLS.ioctl[arch], [0, 0x8910, 0], EPERM],
      ['ioctl SIOCGIFHWADDR', CALLS.ioctl[arch], [0, 0x8927, 0], EPERM],
      ['ioctl SIOCGIWESSID', CALLS.ioctl[arch], [0, 0x8b1b, 0], EPERM],
      ['ioctl SIOCGSTAMP_NEW', CALLS.ioctl[arch], [0, 0x80108906, 0], EPERM],
      ['clone of a thread', CALLS.clone[arch], [0x3d0f00, 0, 0], ALLOW],
      ['clone as fork', CALLS.clone[arch], [0x1200011, 0, 0], ALLOW],
      ['clone3', CALLS.clone3[arch], [0, 0, 0], ENOSYS],
      ['ioctl TCGETS', CALLS.ioctl[arch], [0, 0x5401, 0], ALLOW],
      ['ioctl FIONBIO', CALLS.ioctl[arch], [0, 0x5421, 0], ALLOW],
      ['ioctl TIOCSTI', CALLS.ioctl[arch], [0, 0x5412, 0], EPERM],
      ['ioctl TIOCLINUX', CALLS.ioctl[arch], [0, 0x541c, 0], EPERM],
      ['prctl', CALLS.prctl[arch], [38, 1, 0], ALLOW],
      ['seccomp (another filter on top)', CALLS.seccomp[arch], [1, 0, 0], ALLOW],
      ['close_range', CALLS.close_range[arch], [3, 9, 0], ALLOW],
    ];
    for (const [name, number, args, expected] of calls) {
      test(`${name} -> ${expected === ALLOW ? 'allowed' : 'refused'}`, () => {
        assert.equal(verdict(number, [...args, 0, 0, 0]), expected);
      });
    }

    test('ioctl of a socket with any other bits -> EPERM; what is not of a socket or a terminal -> allowed', () => {
      fc.assert(
        fc.property(fc.nat(0xffff), fc.nat(0xff), fc.constantFrom(0x89, 0x8b), (high, low, kind) => {
          assert.equal(verdict(CALLS.ioctl[arch], [0, high * 0x10000 + kind * 0x100 + low, 0, 0, 0, 0]), EPERM);
        }),
      );
      for (let kind = 0; kind < 256; kind += 1) {
        if (kind === 0x89 || kind === 0x8b) continue;
        assert.equal(verdict(CALLS.ioctl[arch], [0, kind * 0x100 + 1, 0, 0, 0, 0]), ALLOW, kind.toString(16));
      }
    });

    test('clone with any namespace flag -> EPERM', () => {
      for (const flag of [0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]) {
        assert.equal(verdict(CALLS.clone[arch], [flag | 17, 0, 0]), EPERM, flag.toString(16));
      }
    });

    test('every call number with any arguments -> a verdict of ours, jumps stay inside', () => {
      const verdicts = new Set([ALLOW, KILL, EPERM, ENOSYS, EAFNOSUPPORT]);
      fc.assert(
        fc.property(fc.nat(0xffffffff), fc.array(fc.nat(0xffffffff), { minLength: 6, maxLength: 6 }), fc.nat(600), (big, args, small) => {
          assert.ok(verdicts.has(verdict(big, args)));
          assert.ok(verdicts.has(verdict(small, args)));
        }),
      );
    });
  });
}

test('REFUSED: no call twice, none that the launcher or seal.pl needs after the filter', () => {
  for (const [arch] of ARCHES) {
    const numbers = Object.values(REFUSED).flatMap((one) => one[arch] ?? []);
    assert.equal(new Set(numbers).size, numbers.length);
    for (const name of ['socket', 'socketpair', 'setsockopt', 'clone', 'ioctl', 'prctl', 'seccomp', 'close_range'] as const)
      assert.ok(!numbers.includes(CALLS[name][arch]));
  }
});
