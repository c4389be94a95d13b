import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../src/core/problem.ts';
import type { Host } from '../src/hosts/host.ts';
import { sshdRefusal, startSshd } from './ssh/start-sshd.ts';
import { processes } from './support/processes.ts';
import { smallDisk } from './support/small-disk.ts';

// A host over ssh, against a real sshd on loopback.

const isRoot = process.getuid?.() === 0;
const needsSshd = { skip: sshdRefusal() ?? false, timeout: 120_000 };
const LIMIT = { timeoutMs: 20_000 };

async function problemOf(act: Promise<unknown>): Promise<Problem> {
  const thrown: unknown = await act.then(
    () => assert.fail('it did not fail'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof Problem, String(thrown));
  assert.ok(thrown.why !== '' && thrown.fix !== '' && !thrown.message.endsWith('.'));
  return thrown;
}

const shell = (host: Host, script: string, more: { readonly stdin?: string; readonly timeoutMs?: number } = {}) =>
  host.run(['/bin/sh', '-c', script], { ...LIMIT, ...more });

test('run: arguments, input, exit codes, environment -> as on this machine', needsSshd, async () => {
  await using nas = await startSshd();
  await using host = nas.host();
  const odd = ['', "it's", 'two\nlines', '$(id)', '-n', 'ä€😀', '\\', '!x'];
  const printed = await host.run(['/usr/bin/printf', '<%s>', ...odd], LIMIT);
  assert.equal(printed.stdout, odd.map((one) => `<${one}>`).join(''));
  const both = await shell(host, 'cat; echo bad >&2; exit 255', { stdin: 'in\0put' });
  assert.deepEqual(both, { code: 255, signal: undefined, timedOut: false, stdout: 'in\0put', stderr: 'bad\n' });
  assert.equal((await host.run(['/nowhere/at/all'], LIMIT)).code, 127);
  assert.equal((await shell(host, 'kill -9 $$')).code, 137);
  const env = await host.run(['/usr/bin/env'], { ...LIMIT, env: { A: "b 'c'" }, cwd: '/tmp' });
  assert.equal(env.stdout, "A=b 'c'\n");
  const much = await shell(host, 'head -c 9000000 /dev/zero; head -c 9000000 /dev/zero >&2; exit 3');
  assert.deepEqual([much.code, much.stdout.length >= 8 * 1024 ** 2], [3, true]);
});

test('run: past its time limit -> ended there too, with what it had started', needsSshd, async () => {
  await using nas = await startSshd();
  await using host = nas.host();
  const mark = `300.${nas.port}`;
  const result = await shell(host, `echo begun; sleep ${mark} & sleep ${mark}`, { timeoutMs: 400 });
  assert.deepEqual([result.timedOut, result.code, result.stdout], [true, undefined, 'begun\n']);
  assert.deepEqual(
    processes().filter((one) => one.command.includes(mark)),
    [],
  );
});

test('login files: noise on both outputs -> never taken for an answer', needsSshd, async () => {
  const noisy = `ForceCommand echo Welcome; echo 'kernel 9'; printf half; echo mail >&2; exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"`;
  await using nas = await startSshd({ settings: [noisy] });
  await using host = nas.host();
  assert.deepEqual(await shell(host, 'echo out; echo err >&2'), {
    code: 0,
    signal: undefined,
    timedOut: false,
    stdout: 'out\n',
    stderr: 'err\n',
  });
  assert.notEqual((await host.facts()).kernel, '9');
  assert.deepEqual(await host.stat(['/nowhere']), [{ kind: 'absent' }]);
});

test('files: write, stat, read, list, folders, links, removal -> as on this machine; no sftp, one command each', needsSshd, async () => {
  await using nas = await startSshd({ settings: [] });
  await using host = nas.host();
  const at = (name: string): string => join(nas.folder, 'f', name);
  const rounds = (): number => nas.log().split('Starting session: command').length - 1;
  await host.makeFolder(at('deep/er'), { mode: 0o750 });
  assert.deepEqual([statSync(at('')).mode & 0o7777, statSync(at('deep/er')).mode & 0o7777], [0o700, 0o750]);
  const odd = at("it's\na nàme");
  const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
  await host.write(odd, bytes, { mode: 0o640 });
  assert.deepEqual([await host.read(odd), statSync(odd).mode & 0o7777], [bytes, 0o640]);
  writeFileSync(at('target'), 'precious');
  symlinkSync(at('target'), at('link'));
  symlinkSync(at('deep'), at('folder-link'));
  await host.write(at('link'), '', { mode: 0o600 });
  await host.write(at('folder-link'), 'new', { mode: 0o600 });
  assert.deepEqual([readFileSync(at('target'), 'utf8'), readdirSync(at('deep'))], ['precious', ['er']]);
  const before = rounds();
  const states = await host.stat([odd, at('link'), at('folder-link'), at('deep'), at('none'), at('target/below'), '/dev/null']);
  assert.equal(rounds() - before, 1);
  assert.deepEqual(
    states.map(({ kind }) => kind),
    ['file', 'file', 'file', 'directory', 'absent', 'absent', 'other'],
  );
  const [first] = states;
  assert.ok(first?.kind === 'file' && Math.abs(first.mtimeMs - statSync(odd).mtimeMs) < 2 && first.mode === 0o640);
  assert.deepEqual(await host.list(at('')), ['deep', 'folder-link', "it's\na nàme", 'link', 'target']);
  assert.deepEqual(await host.list(at('none')), []);
  assert.equal(await host.read(at('none')), undefined);
  symlinkSync('/etc/passwd', at('passwd'));
  assert.equal((await problemOf(host.read(at('passwd')))).code, 'hosts/not-plain');
  assert.equal((await problemOf(host.makeFolder(at('passwd'), { mode: 0o700 }))).code, 'hosts/not-plain');
  assert.equal((await problemOf(host.write(at('deep'), 'x', { mode: 0o600 }))).code, 'hosts/write');
  assert.equal((await problemOf(host.write('/proc/none', 'x', { mode: 0o600 }))).code, 'hosts/write');
  await host.remove(at(''));
  await host.remove(at(''));
  assert.deepEqual(await host.stat([at('')]), [{ kind: 'absent' }]);
  await assert.rejects(host.remove('/'), TypeError);
});

test(
  'write: the line is cut on the way -> told; the file is the old one or the new one, and nothing is left beside it',
  needsSshd,
  async () => {
    // A slow cat, so that the cut comes in the middle.
    await using nas = await startSshd({ programs: { cat: '[ "$LC_ALL" != C ] || { head -c 65536; sleep 1; }\nexec /bin/cat "$@"' } });
    await using host = nas.host();
    const path = join(nas.folder, 'kept');
    writeFileSync(path, 'old');
    const writing = problemOf(host.write(path, Buffer.alloc(8_000_000, 'n'), { mode: 0o600 }));
    while (!readdirSync(nas.folder).some((name) => name.startsWith('.kept.'))) await sleep(10);
    nas.cut();
    const told = await writing;
    assert.deepEqual([told.code, told.exit], ['hosts/ssh-dropped', 4]);
    assert.match(told.why, /old one or the new one/);
    assert.equal(readFileSync(path, 'utf8'), 'old');
    for (let round = 0; round < 100 && readdirSync(nas.folder).some((name) => name.endsWith('.tmp')); round += 1) await sleep(50);
    assert.deepEqual(
      readdirSync(nas.folder).filter((name) => name.endsWith('.tmp')),
      [],
    );
    // The next command finds its own way.
    assert.equal((await shell(host, 'echo back')).stdout, 'back\n');
  },
);

test(
  'write: a full disk, a read-only disk -> each its own Problem, the old file stays',
  { ...needsSshd, skip: isRoot ? needsSshd.skip : 'only root can mount a disk for sshd' },
  async () => {
    using folder = tidy('/tmp/lp-disk');
    using disk = await smallDisk(folder.path, 64 * 1024);
    await using nas = await startSshd({ prefix: disk.prefix });
    await using host = nas.host();
    const path = join(folder.path, 'kept');
    await host.write(path, 'old', { mode: 0o600 });
    const full = await problemOf(host.write(path, 'n'.repeat(200_000), { mode: 0o600 }));
    assert.deepEqual([full.code, /df -h/.test(full.fix)], ['hosts/disk-full', true]);
    assert.deepEqual([(await host.read(path))?.toString(), await host.list(folder.path)], ['old', ['kept']]);
    assert.equal((await shell(host, `mount -o remount,ro ${folder.path}`)).code, 0);
    assert.equal((await problemOf(host.write(path, 'n', { mode: 0o600 }))).code, 'hosts/read-only');
  },
);

test('pipe: bytes both ways; leaving ends the program; a bad end is its error', needsSshd, async () => {
  await using nas = await startSshd();
  await using host = nas.host();
  const mark = `301.${nas.port}`;
  {
    await using cat = host.pipe(['/bin/cat']);
    const bytes = Buffer.alloc(3_000_000, 'abc\0');
    cat.end(bytes);
    assert.ok(Buffer.concat(await cat.toArray()).equals(bytes));
    await using stubborn = host.pipe(['/bin/sh', '-c', `echo on; trap '' HUP; sleep ${mark}`]);
    await new Promise((resolve) => stubborn.once('data', resolve));
  }
  assert.deepEqual(
    processes().filter((one) => one.command.includes(mark)),
    [],
  );
  const bad = await problemOf(host.pipe(['/bin/sh', '-c', 'echo no such container >&2; exit 1']).toArray());
  assert.deepEqual([bad.code, bad.why], ['hosts/pipe', 'no such container']);
});

test('connection: many at once -> one connection; what a command costs', needsSshd, async (t) => {
  await using nas = await startSshd();
  await using host = nas.host();
  const began = performance.now();
  await shell(host, ':');
  const first = performance.now() - began;
  const all = await Promise.all(Array.from({ length: 24 }, (_, at) => shell(host, `echo ${at}`)));
  assert.deepEqual(
    all.map(({ stdout }) => Number(stdout)),
    all.map((_, at) => at),
  );
  const each: number[] = [];
  for (let round = 0; round < 9; round += 1) {
    const from = performance.now();
    await shell(host, ':');
    each.push(performance.now() - from);
  }
  assert.equal(nas.log().split('Accepted publickey').length - 1, 1);
  t.diagnostic(`first command ${first.toFixed(0)} ms, each further one ${each.toSorted((a, b) => a - b)[4]?.toFixed(0)} ms (median)`);
});

test('connection: lost between two commands -> the next one makes its own', needsSshd, async () => {
  await using nas = await startSshd();
  await using host = nas.host();
  for (let round = 0; round < 3; round += 1) {
    assert.equal((await host.stat(['/']))[0]?.kind, 'directory');
    nas.cut();
  }
  // A command that had begun is not begun again.
  const running = problemOf(shell(host, `echo x >>${join(nas.folder, 'count')}; sleep 5`));
  while (!readdirSync(nas.folder).includes('count')) await sleep(10);
  nas.cut();
  assert.equal((await running).code, 'hosts/ssh-dropped');
  assert.equal(readFileSync(join(nas.folder, 'count'), 'utf8'), 'x\n');
});

test('facts: a docker that gives no answer -> ended, and the other facts are there', needsSshd, async () => {
  await using nas = await startSshd({ programs: { docker: 'exec sleep 302' } });
  await using host = nas.host();
  const facts = await host.facts({ docker: true });
  assert.ok(facts.docker?.kind === 'unusable' && facts.docker.why === 'other');
  assert.match(facts.docker.said, /no answer/);
});

test('facts: of this machine over ssh -> one command, the numbers that Node gives', needsSshd, async () => {
  await using nas = await startSshd();
  await using host = nas.host();
  const facts = await host.facts({ docker: true, folder: join(nas.folder, 'not/yet') });
  assert.equal(nas.log().split('Starting session: command').length - 1, 1);
  assert.deepEqual([facts.uid, facts.platform, facts.ssh?.at], [process.getuid?.(), 'linux', '127.0.0.1']);
  assert.ok(Math.abs(facts.clockSkewMs ?? Infinity) < 1000 && facts.freeDiskMiB > 0);
  assert.ok(facts.listening?.some(({ address, port }) => address === '127.0.0.1' && port === nas.port));
});

function tidy(path: string): Disposable & { readonly path: string } {
  const own = `${path}-${process.pid}`;
  spawnSync('mkdir', [own]);
  return { path: own, [Symbol.dispose]: () => rmSync(own, { recursive: true, force: true }) };
}
