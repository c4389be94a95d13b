import type { Attempt, AttemptResult } from '../probes/attempt.ts';

/** What a well contained service answers to an attempt: the good case that tests of judgements start from. */
export function containedResult(key: string, attempt: Attempt): AttemptResult {
  if (key.startsWith('control#')) return attempt.kind === 'gate' ? refusal('no-rule') : { outcome: 'succeeded' };
  switch (attempt.kind) {
    case 'own-loopback':
      return { outcome: 'succeeded' };
    case 'tcp':
      return { outcome: 'refused', code: /^(?:127\.|::1)/.test(attempt.host) ? 'ECONNREFUSED' : 'ENETUNREACH' };
    case 'udp':
    case 'udp-answer':
      return { outcome: 'refused', code: 'ENETUNREACH' };
    case 'lookup':
      return { outcome: 'refused', code: 'EAI_AGAIN' };
    case 'resolve':
      return { outcome: 'refused', code: 'ECONNREFUSED' };
    case 'unix':
    case 'read':
      return { outcome: 'refused', code: 'ENOENT' };
    case 'write':
      return { outcome: 'refused', code: 'EROFS' };
    case 'execute':
      return { outcome: 'refused', code: 'EACCES' };
    case 'run':
      return { outcome: 'refused', code: 'exit 1', detail: 'EPERM' };
    case 'list':
      return { outcome: 'succeeded', names: listing(attempt.path) };
    case 'processes':
      return PROCESSES;
    case 'search':
      return { outcome: 'succeeded', names: ['gateway-main-token in /secrets/gateway_token'], detail: '3 of 3 files, 1 KiB' };
    case 'neighbours':
      return { outcome: 'succeeded', names: [] };
    case 'gate':
      if (!attempt.then) return refusal('no-rule');
      if (key.endsWith('#control')) return { outcome: 'succeeded', status: 200, detail: 'certificate verified' };
      return { outcome: 'refused', status: 200, code: 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME' };
  }
}

function refusal(reason: string): AttemptResult {
  return { outcome: 'refused', code: '403', status: 403, body: JSON.stringify({ blocked: true, reason, next: 'ask the operator' }) };
}

function listing(path: string): readonly string[] {
  const known: Readonly<Record<string, readonly string[]>> = {
    '/dev': ['null', 'zero', 'urandom', 'pts', 'shm', 'fd'],
    '/sock': ['gate'],
    '/sock/gate': ['egress-gateway-main'],
    '/secrets': ['gateway_token'],
  };
  return known[path] ?? [];
}

const RIGHTS = {
  Uid: '40001\t40001\t40001\t40001',
  PPid: '1',
  State: 'S (sleeping)',
  CapInh: '0000000000000000',
  CapPrm: '0000000000000000',
  CapEff: '0000000000000000',
  CapBnd: '0000000000000000',
  CapAmb: '0000000000000000',
  NoNewPrivs: '1',
  Seccomp: '2',
};
const LIMITS = { 'Max processes': '128', 'Max open files': '1024', 'Max file size': '67108864', 'Max core file size': '0' };

const PROCESSES: AttemptResult = {
  outcome: 'succeeded',
  self: {
    pid: 30,
    procSelf: '30',
    namespaces: { net: 'net:[2]', mnt: 'mnt:[2]', pid: 'pid:[2]', ipc: 'ipc:[2]', uts: 'uts:[2]', user: 'user:[2]', cgroup: 'cgroup:[2]' },
    mounts: [
      '1 0 0:1 / / ro,nosuid shared:1 - tmpfs x ro',
      '2 1 8:1 /usr /usr ro,nosuid - ext4 x rw',
      '3 1 8:1 /srv/state /state rw,nosuid,nodev,noexec - ext4 x rw',
      '4 1 0:5 /null /proc/keys rw,nosuid - devtmpfs x rw',
      // Somebody copies a file out of the container: the engine mounts its volumes beneath those that are there.
      '5 1 8:1 /srv/config /config rw,relatime - ext4 x rw',
      '6 5 8:1 /srv/config /config ro,relatime - ext4 x rw',
    ],
  },
  processes: [
    // The reaper: root of the namespace between, out of the service's reach.
    { pid: 1, name: 'sh', argv: ['sh'], status: { ...RIGHTS, CapEff: '000001ffffffffff', Seccomp: '0', NoNewPrivs: '0' }, limits: LIMITS },
    { pid: 7, name: 'node', argv: ['node', 'openclaw'], environ: 'HOME=/state/home\0', status: RIGHTS, limits: LIMITS },
    // Another one on its way in, by `enterChain`.
    { pid: 29, name: 'perl', argv: ['perl', 'seal.pl'], status: { ...RIGHTS, PPid: '0', Seccomp: '0' }, limits: LIMITS },
    { pid: 30, name: 'node', argv: ['node', '-'], environ: '', status: RIGHTS, limits: LIMITS },
  ],
};
