import { CALLS, NEWEST_KNOWN, REFUSED, type Arch } from './syscalls.ts';

/** One instruction of a classic BPF program, with a word on why it is there. */
export type Instruction = {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
  readonly note: string;
};

const LOAD = 0x20;
const EQUAL = 0x15;
const AT_LEAST = 0x35;
const ANY_BIT = 0x45;
const AND = 0x54;
const RETURN = 0x06;

const NUMBER = 0;
const ARCH = 4;
/** Low half of the call's argument; the kernel itself reads only 32 bits of those that are compared here. */
const argument = (index: number): number => 16 + 8 * index;

const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const EAFNOSUPPORT = 0x00050061;

const AUDIT_ARCH = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;
/** A call number with this bit is the x32 interface of x86-64: the same calls under other numbers. */
const X32 = 0x40000000;
/** NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NEW_NAMESPACE = 0x7e020080;
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
/** The requests 0x89xx and 0x8bxx, to sockets: they answer for the network namespace in which the socket was made, not for the caller's. */
const OF_SOCKETS = { mask: 0xfd00, is: 0x8900 } as const;
const SOL_SOCKET = 1;
const SO_BINDTODEVICE = 25;
const SO_BINDTOIFINDEX = 62;
const MFD_NOEXEC_SEAL = 8;
const FAMILY = { unix: 1, inet: 2, inet6: 10, netlink: 16 } as const;
const NETLINK_ROUTE = 0;

/**
 * The syscall filter of a contained service, built for one processor. Refuses what namespaces do not cover:
 * vsock and every socket family but Unix, IP and route netlink, keyrings, io_uring, new namespaces, the mount calls, other processes' memory,
 * the host's interfaces (a service's outputs are sockets that were made out there), programs that lie in memory.
 */
export function buildFilter(arch: Arch): readonly Instruction[] {
  return [
    load(ARCH, 'architecture'),
    step(EQUAL, 1, 0, AUDIT_ARCH[arch], 'ours'),
    give(KILL_PROCESS, 'another instruction set has other numbers'),
    load(NUMBER, 'call'),
    ...(arch === 'x64' ? [step(AT_LEAST, 0, 1, X32, 'x32'), give(ENOSYS, 'no x32')] : []),
    step(AT_LEAST, 0, 1, NEWEST_KNOWN + 1, 'newer than this table'),
    give(ENOSYS, 'unknown'),
    ...refusals(arch),
    ...onCall(arch, 'clone3', [give(ENOSYS, 'its flags are out of reach: the C library falls back to clone')]),
    ...onCall(arch, 'clone', [
      load(argument(0), 'flags'),
      step(ANY_BIT, 0, 1, NEW_NAMESPACE, 'a new namespace'),
      give(EPERM, 'no new namespace'),
      give(ALLOW, 'clone'),
    ]),
    ...onCall(arch, 'ioctl', [
      load(argument(1), 'request'),
      step(EQUAL, 1, 0, TIOCSTI, 'TIOCSTI types into a terminal'),
      step(EQUAL, 0, 1, TIOCLINUX, 'TIOCLINUX pastes into a console'),
      give(EPERM, 'no terminal injection'),
      step(AND, 0, 0, OF_SOCKETS.mask, 'kind of request'),
      step(EQUAL, 0, 1, OF_SOCKETS.is, 'SIOC: interfaces, routes, wireless'),
      give(EPERM, "an inherited socket tells of the host's network"),
      give(ALLOW, 'ioctl'),
    ]),
    ...onCall(arch, 'setsockopt', [
      load(argument(1), 'level'),
      step(EQUAL, 0, 4, SOL_SOCKET, 'socket'),
      load(argument(2), 'option'),
      step(EQUAL, 1, 0, SO_BINDTODEVICE, 'SO_BINDTODEVICE'),
      step(EQUAL, 0, 1, SO_BINDTOIFINDEX, 'SO_BINDTOIFINDEX'),
      give(EPERM, "an inherited socket tells the host's interfaces"),
      give(ALLOW, 'setsockopt'),
    ]),
    ...onCall(arch, 'memfd_create', [
      load(argument(1), 'flags'),
      step(ANY_BIT, 1, 0, MFD_NOEXEC_SEAL, 'MFD_NOEXEC_SEAL'),
      give(EPERM, 'a file in memory is on no mount, so noexec does not hold it'),
      give(ALLOW, 'memfd_create'),
    ]),
    ...onCall(arch, 'socket', families('socket')),
    ...onCall(arch, 'socketpair', families('socketpair')),
    give(ALLOW, 'everything else'),
  ];
}

function families(call: string): readonly Instruction[] {
  return [
    load(argument(0), 'family'),
    step(EQUAL, 5, 0, FAMILY.unix, 'unix'),
    step(EQUAL, 4, 0, FAMILY.inet, 'inet'),
    step(EQUAL, 3, 0, FAMILY.inet6, 'inet6'),
    step(EQUAL, 0, 3, FAMILY.netlink, 'netlink'),
    load(argument(2), 'protocol'),
    step(EQUAL, 0, 1, NETLINK_ROUTE, 'route'),
    give(ALLOW, call),
    give(EAFNOSUPPORT, 'no other family: vsock knows no network namespace'),
  ];
}

function refusals(arch: Arch): readonly Instruction[] {
  return Object.entries(REFUSED).flatMap(([name, numbers]) => {
    const number = numbers[arch];
    return number === undefined ? [] : [step(EQUAL, 0, 1, number, name), give(EPERM, name)];
  });
}

function onCall(arch: Arch, name: keyof typeof CALLS, body: readonly Instruction[]): readonly Instruction[] {
  return [step(EQUAL, 0, body.length, CALLS[name][arch], name), ...body];
}

function load(offset: number, note: string): Instruction {
  return step(LOAD, 0, 0, offset, `load ${note}`);
}

function give(value: number, note: string): Instruction {
  return step(RETURN, 0, 0, value, `${VERDICTS.get(value) ?? 'return'}: ${note}`);
}

function step(code: number, jt: number, jf: number, k: number, note: string): Instruction {
  return { code, jt, jf, k, note };
}

const VERDICTS: ReadonlyMap<number, string> = new Map([
  [ALLOW, 'allow'],
  [KILL_PROCESS, 'kill'],
  [EPERM, 'EPERM'],
  [ENOSYS, 'ENOSYS'],
  [EAFNOSUPPORT, 'EAFNOSUPPORT'],
]);

/**
 * The filter as the text that seal.pl loads and a person can read: first the call numbers that seal.pl needs,
 * then one instruction a line (`code jt jf k # why`, hexadecimal).
 */
export function filterText(arch: Arch): string {
  const calls = (['prctl', 'keyctl', 'seccomp', 'setns', 'close_range'] as const).map((name) => `call ${name} ${CALLS[name][arch]}`);
  const program = buildFilter(arch).map(
    ({ code, jt, jf, k, note }) => `${hex(code, 2)} ${hex(jt, 2)} ${hex(jf, 2)} ${hex(k, 8)} # ${note}`,
  );
  return `${[`# lobsterpot: syscall filter for ${arch}`, ...calls, ...program].join('\n')}\n`;
}

/** The program as the kernel takes it: eight bytes an instruction, little endian. */
export function filterBytes(arch: Arch): Buffer {
  return Buffer.concat(
    buildFilter(arch).map(({ code, jt, jf, k }) => {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt16LE(code, 0);
      bytes.writeUInt8(jt, 2);
      bytes.writeUInt8(jf, 3);
      bytes.writeUInt32LE(k, 4);
      return bytes;
    }),
  );
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
