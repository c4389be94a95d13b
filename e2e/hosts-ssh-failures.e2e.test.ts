import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { EXIT } from '../src/core/exit-code.ts';
import { Problem } from '../src/core/problem.ts';
import { composeCommand, dockerCommand } from '../src/hosts/docker-command.ts';
import type { Host } from '../src/hosts/host.ts';
import { sshHost } from '../src/hosts/ssh/ssh-host.ts';
import { freePort, keygen, sshdRefusal, startSshd, type Sshd } from './ssh/start-sshd.ts';

// Everything that keeps a host over ssh, or its docker, from being used: each told as what it is.

const needsSshd = { skip: sshdRefusal() ?? false, timeout: 120_000 };

/** Each is tried on a host of its own; `nas` is in order until `spoil` is done. */
type Failure = {
  readonly name: string;
  readonly code: string;
  readonly told: RegExp;
  readonly settings?: readonly string[];
  readonly client?: readonly string[];
  readonly spoil?: (nas: Sshd) => void | Promise<void>;
};

const FAILURES: readonly Failure[] = [
  {
    name: 'the key of the host is not known',
    code: 'hosts/ssh-host-key-unknown',
    told: /now shows ED25519 SHA256:\S+ \(not proven.*ssh-keygen -lf .*connect once by hand/s,
    spoil: (nas) => writeFileSync(join(nas.folder, 'known_hosts'), ''),
  },
  {
    name: 'the key of the host has changed',
    code: 'hosts/ssh-host-key-changed',
    told: /has changed.*now shows ED25519 SHA256:.*ssh-keygen -R '\[127\.0\.0\.1\]:\d+'/s,
    spoil: (nas) => {
      keygen(join(nas.folder, 'other'));
      const [kind, key] = readFileSync(join(nas.folder, 'other.pub'), 'utf8').split(' ');
      writeFileSync(join(nas.folder, 'known_hosts'), `[127.0.0.1]:${nas.port} ${kind} ${key}\n`);
    },
  },
  {
    name: 'the key is refused',
    code: 'hosts/ssh-auth',
    told: /Permission denied \(publickey\).*ssh-copy-id/s,
    spoil: (nas) => writeFileSync(join(nas.folder, 'authorized'), ''),
  },
  {
    name: 'the key has a passphrase and there is no agent',
    code: 'hosts/ssh-passphrase',
    told: /\/id: .*ssh-add .*\/id/s,
    client: ['IdentityAgent none'],
    spoil: (nas) => {
      for (const name of ['id', 'id.pub']) rmSync(join(nas.folder, name));
      keygen(join(nas.folder, 'id'), 'a passphrase');
      renameSync(join(nas.folder, 'id.pub'), join(nas.folder, 'authorized'));
    },
  },
  {
    name: 'too many keys before the right one',
    code: 'hosts/ssh-too-many-keys',
    told: /Too many authentication failures.*IdentitiesOnly/s,
    settings: ['MaxAuthTries 1'],
    spoil: (nas) => {
      keygen(join(nas.folder, 'wrong'));
      keygen(join(nas.folder, 'worse'));
      const wrong = ['wrong', 'worse'].map((name) => `IdentityFile ${join(nas.folder, name)}\n`).join('');
      const config = readFileSync(nas.configFile, 'utf8');
      writeFileSync(nas.configFile, config.replace('IdentityFile', `${wrong}IdentityFile`));
    },
  },
  {
    name: 'the user runs no command',
    code: 'hosts/ssh-shell',
    told: /runs no command.*login shell/s,
    settings: ['ForceCommand echo This account is currently not available.; exit 1'],
  },
  { name: 'only file transfer is allowed', code: 'hosts/ssh-shell', told: /runs no command/, settings: ['ForceCommand internal-sftp'] },
  {
    name: 'the configuration of the user is wrong',
    code: 'hosts/ssh-config',
    told: /Bad configuration option: usekeychain/i,
    client: ['UseKeychain yes'],
  },
  {
    name: 'nobody listens',
    code: 'hosts/ssh-refused',
    told: /Connection refused.*Control Panel/s,
    spoil: async (nas) => {
      writeFileSync(nas.configFile, readFileSync(nas.configFile, 'utf8').replace(/^Port .*/m, `Port ${await freePort()}`));
    },
  },
  {
    name: 'the name is not known',
    code: 'hosts/ssh-name',
    told: /Could not resolve hostname/,
    spoil: (nas) => {
      writeFileSync(nas.configFile, readFileSync(nas.configFile, 'utf8').replace('HostName 127.0.0.1', 'HostName nas.invalid'));
    },
  },
  {
    name: 'the jump host fails',
    code: 'hosts/ssh-jump',
    told: /jump host/,
    client: ['Host nas', 'ProxyCommand exit 1'],
  },
];

for (const { name, code, told, spoil, ...how } of FAILURES) {
  test(`ssh: ${name} -> ${code}, exit 4`, needsSshd, async () => {
    await using nas = await startSshd(how);
    await spoil?.(nas);
    await using host = nas.host();
    const problem = await problemOf(host.facts());
    assert.deepEqual([problem.code, problem.exit], [code, EXIT.unreachable], problem.why);
    assert.match(`${problem.message}\n${problem.why}\n${problem.fix}`, told);
    assert.match(problem.message, /nas/);
  });
}

test('ssh: the fingerprint that is shown -> the one of the machine itself', needsSshd, async () => {
  await using nas = await startSshd();
  writeFileSync(join(nas.folder, 'known_hosts'), '');
  await using host = nas.host();
  const own = spawnSync('ssh-keygen', ['-lf', `${nas.hostKey}.pub`], { encoding: 'utf8' }).stdout.split(' ')[1] ?? '';
  const problem = await problemOf(host.facts());
  assert.ok(own.startsWith('SHA256:') && problem.why.includes(own));
  assert.equal(readFileSync(join(nas.folder, 'known_hosts'), 'utf8'), '', 'a key that was only shown is never trusted');
});

test('ssh: a port that hangs up, one that says nothing, one that is no ssh -> told in time', needsSshd, async () => {
  for (const [answer, code] of [
    [(server: Server) => server.on('connection', (socket) => socket.end()), 'hosts/ssh-closed'],
    [(server: Server) => server, 'hosts/ssh-timeout'],
    [(server: Server) => server.on('connection', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')), 'hosts/ssh-closed'],
  ] as const) {
    await using nas = await startSshd();
    await using server = answer(createServer((socket) => socket.on('error', () => undefined).resume()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    writeFileSync(nas.configFile, readFileSync(nas.configFile, 'utf8').replace(/^Port .*/m, `Port ${address.port}`));
    await using host = nas.host({ connectSeconds: 1 });
    const problem = await problemOf(host.facts());
    assert.equal(problem.code, code, problem.why);
  }
});

test('ssh: no client on this machine, a folder for sockets that is open to others -> told', needsSshd, async () => {
  const before = process.env['PATH'];
  process.env['PATH'] = '/nowhere';
  try {
    const host = sshHost({ name: 'nas', connect: { host: 'nas' } });
    assert.equal((await problemOf(host.facts())).code, 'hosts/ssh-missing');
  } finally {
    process.env['PATH'] = before;
  }
  const open = sshHost({ name: 'nas', connect: { host: 'nas' } }, { controlFolder: '/tmp' });
  assert.equal((await problemOf(open.facts())).code, 'hosts/ssh-control');
  assert.throws(() => sshHost({ name: 'nas', connect: { host: '-oProxyCommand=id' } }), { code: 'hosts/ssh-address' });
});

const DENIED = 'echo permission denied while trying to connect to the Docker daemon socket >&2; exit 1';
const WORKS = [
  'case "$1 $2" in',
  `"version --format") echo '{"Server":{"Version":"24.0.2","ApiVersion":"1.43"}}' ;;`,
  `"info --format") echo '{"CpuCfsQuota":false,"MemoryLimit":true}' ;;`,
  '"compose version") echo 2.20.1 ;;',
  '"network ls") echo 0123 ;;',
  `"network inspect") echo '["bridge","bridge",[{"Subnet":"172.17.0.0/16"}]]' ;;`,
  '*) exit 1 ;;',
  'esac',
].join('\n');
const AS_ROOT = `[ "$FAKE_ROOT" = 1 ] || { ${DENIED}; }\n${WORKS}`;
const DOWN = 'echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?" >&2; exit 1';

for (const [name, programs, code, told] of [
  [
    'sudo asks for a password',
    { docker: DENIED, sudo: 'echo "sudo: a password is required" >&2; exit 1' },
    'hosts/sudo-password',
    /echo '\S+ ALL=\(root\) NOPASSWD: \/tmp\/\S+\/bin\/docker' \| sudo tee/,
  ],
  [
    'sudo does not know the user',
    { docker: DENIED, sudo: 'echo "me is not in the sudoers file." >&2; exit 1' },
    'hosts/sudo-password',
    /NOPASSWD/,
  ],
  ['the engine does not run', { docker: DOWN, sudo: 'exit 9' }, 'hosts/docker-not-running', /Container Manager/],
  [
    'the engine does not run, as only root sees',
    { docker: `[ "$FAKE_ROOT" = 1 ] || { ${DENIED}; }\n${DOWN}`, sudo: 'shift; FAKE_ROOT=1 exec "$@"' },
    'hosts/docker-not-running',
    /Cannot connect/,
  ],
  ['an answer that is no JSON', { docker: 'echo hello' }, 'hosts/docker', /cannot be read/],
] as const) {
  test(`docker: ${name} -> ${code}`, needsSshd, async () => {
    await using nas = await startSshd({ programs });
    await using host = nas.host();
    const facts = await host.facts({ docker: true });
    const problem = await problemOf(Promise.resolve().then(() => dockerCommand('nas', facts)));
    assert.equal(problem.code, code, problem.why);
    assert.match(`${problem.why}\n${problem.fix}`, told);
  });
}

for (const [name, sudo, docker] of [
  ['as the user', 'exit 9', WORKS],
  ['by sudo', '[ "$1" = -n ] || exit 8\nshift; FAKE_ROOT=1 exec "$@"', AS_ROOT],
] as const) {
  test(`docker: ${name} -> the words that every command begins with, facts in one command`, needsSshd, async () => {
    await using nas = await startSshd({ programs: { docker, sudo } });
    await using host: Host & AsyncDisposable = nas.host();
    const facts = await host.facts({ docker: true });
    assert.equal(nas.log().split('Starting session: command').length - 1, 1);
    const bin = join(nas.folder, 'bin');
    const expected = name === 'by sudo' ? [join(bin, 'sudo'), '-n', join(bin, 'docker')] : [join(bin, 'docker')];
    assert.deepEqual(dockerCommand('nas', facts), expected);
    assert.deepEqual(composeCommand('nas', facts), [...expected, 'compose']);
    assert.ok(facts.docker?.kind === 'ready' && !facts.docker.info.CpuCfsQuota && facts.docker.info.MemoryLimit);
    assert.deepEqual(facts.docker.networks, [{ name: 'bridge', driver: 'bridge', subnets: ['172.17.0.0/16'] }]);
  });
}

async function problemOf(act: Promise<unknown>): Promise<Problem> {
  const thrown: unknown = await act.then(
    () => assert.fail('it did not fail'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof Problem, String(thrown));
  return thrown;
}
