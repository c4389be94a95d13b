import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { labRefused } from '../lab/prerequisites.ts';
import { type StartedLab, startLab } from '../lab/start-lab.ts';
import { sweep } from '../lab/sweep.ts';
import { until } from '../src/core/wait.ts';
import type { RunResult } from '../src/hosts/host.ts';
import { holdLab, leftOf, watcherOf } from './lab-hosts/held-lab.ts';

const IMAGE = 'lobsterpot-lab/openclaw:2026.9.6';
const ON_NAS = 'sudo -n /usr/local/bin/docker';
const SKIP = labRefused() ?? false;
// statx, openat2, copy_file_range by their numbers on x86-64, asked by the perl of the host: the image has no tool for it.
const CALLS = 'for my $n (332, 437, 326) { syscall($n, -1, 0, 0, 0, 0); print $! + 0, " " }';

const ssh = (lab: StartedLab, to: string, command: string): Promise<RunResult> =>
  lab.operator.run(['ssh', '-o', 'BatchMode=yes', to, command]);
const told = (ended: RunResult): string => `${ended.code} ${ended.stdout}${ended.stderr}`;

describe('the lab as DSM and a Mac', { skip: SKIP, timeout: 300_000 }, () => {
  let lab: StartedLab;
  before(async () => {
    lab = await startLab();
  });
  after(() => lab.stop());

  const nas = [
    { name: 'a login', command: 'id; uname -n', expected: /^0 uid=1026\(admin\) gid=100\(users\).*\nnas\n$/ },
    { name: 'docker by its name', command: 'docker ps', expected: /^127 .*not found/ },
    { name: 'the clone', command: `ls ${dirname(import.meta.dirname)}/src`, expected: /^2 .*No such file/ },
    { name: 'docker without sudo', command: '/usr/local/bin/docker ps', expected: /^1 .*permission denied/s },
    { name: 'docker with sudo', command: `${ON_NAS} images`, expected: /^0 .*lobsterpot-lab\/openclaw +2026\.9\.6/s },
    { name: 'anything else with sudo', command: 'sudo -n /bin/sh -c id', expected: /^1 .*a password is required/ },
    { name: 'the socket', command: 'stat -c "%a %u %g" /run/docker.sock', expected: /^0 600 0 0\n$/ },
    { name: 'compose', command: `${ON_NAS} compose version`, expected: /^0 Docker Compose version v?2\./ },
    { name: 'engine facts', command: `${ON_NAS} info --format '{{json .}}'`, expected: /"CpuCfsQuota":false.*"PidsLimit":false/ },
    { name: 'a cpu limit', command: `${ON_NAS} run --rm --cpus 1 ${IMAGE} true`, expected: /^125 .*NanoCPUs can not be set/s },
    { name: 'a pids limit', command: `${ON_NAS} run --rm --pids-limit 9 ${IMAGE} true`, expected: /^0 .*PIDs limit discarded/s },
    {
      name: 'newer system calls',
      command: `${ON_NAS} run --rm --user 0 -v /:/h:ro ${IMAGE} chroot /h perl -e '${CALLS}'`,
      expected: /^0 38 38 38 /,
    },
    {
      name: 'OpenClaw in the image',
      command: `${ON_NAS} run --rm ${IMAGE} node /app/openclaw.mjs --version`,
      expected: /^0 OpenClaw 2026\.9\.6/,
    },
  ] as const;
  for (const { name, command, expected } of nas) {
    const needsCgroups = ['engine facts', 'a cpu limit', 'a pids limit'].includes(name);
    test(`nas: ${name} -> ${expected.source}`, async (t) => {
      if (needsCgroups && !lab.odd.noCpuNoPids) return t.skip('control groups of version 2 only');
      assert.match(told(await ssh(lab, 'admin@nas', command)), expected);
    });
  }

  const mac = [
    { name: 'a login', command: 'id; uname -n', expected: /^0 uid=501\(me\) .*\nmac\n$/ },
    { name: 'engine facts', command: `docker info --format '{{json .}}'`, expected: /"CpuCfsQuota":true.*"PidsLimit":true/ },
    { name: 'limits', command: `docker run --rm --cpus 1 --pids-limit 99 ${IMAGE} node --version`, expected: /^0 v26\./ },
    {
      name: 'newer system calls',
      command: `docker run --rm --user 0 -v /:/h:ro ${IMAGE} chroot /h perl -e '${CALLS}'`,
      expected: /^0 (?!38)\d+ (?!38)/,
    },
  ] as const;
  for (const { name, command, expected } of mac) {
    test(`mac: ${name} -> ${expected.source}`, async () => assert.match(told(await ssh(lab, 'me@mac.local', command)), expected));
  }

  test('mac: the command line of this clone as its user -> runs there', async () => {
    const ended = await lab.mac.run([...lab.mac.lobsterpot, '--version']);
    assert.equal(ended.code, 0, ended.stderr);
  });

  const ways = [
    { name: 'sftp', to: 'admin@nas', argv: ['sftp', '-b', '/dev/null'], expected: /^255 .*subsystem request failed/s },
    { name: 'sftp', to: 'me@mac', argv: ['sftp', '-b', '/dev/null'], expected: /^0 / },
    { name: 'forwarding', to: 'admin@nas', argv: ['ssh', '-W', '127.0.0.1:5000'], expected: /^255 .*administratively prohibited/s },
    { name: 'forwarding', to: 'me@mac', argv: ['ssh', '-W', '127.0.0.1:445'], expected: /^0 .*lab mac 445/s },
    { name: 'a stranger', to: 'root@nas', argv: ['ssh', '-o', 'BatchMode=yes'], expected: /^255 .*Permission denied \(publickey\)/s },
  ] as const;
  for (const { name, to, argv, expected } of ways) {
    test(`ssh: ${name} at ${to} -> ${expected.source}`, async () => assert.match(told(await lab.operator.run([...argv, to])), expected));
  }

  const dial = (address: string, port: number): string =>
    `const s=require("net").connect(${port},"${address}");s.on("connect",()=>{console.log("connected");process.exit()});s.on("error",e=>{console.log(e.code);process.exit()})`;
  test('outside: an address that is not the lab, from each host and from a container -> refused and told', async () => {
    const tried = await Promise.all([
      lab.mac.run(['/opt/node/node', '-e', dial('9.9.9.9', 443)]),
      ssh(lab, 'admin@nas', `${ON_NAS} run --rm ${IMAGE} node -e '${dial('203.0.114.7', 853)}'`),
      lab.operator.run([process.execPath, '-e', dial('10.1.2.3', 22)]),
    ]);
    assert.deepEqual(
      tried.map((one) => one.stdout),
      ['EHOSTUNREACH\n', 'EHOSTUNREACH\n', 'EHOSTUNREACH\n'],
    );
    const seen = await lab.internet.outside();
    for (const one of ['9.9.9.9 tcp 443', '203.0.114.7 tcp 853', '10.1.2.3 tcp 22']) assert.ok(seen.includes(one), one);
  });

  test('inside: a probe range, the metadata address, the neighbour, a service of the other host -> answered by the lab and told', async () => {
    const before = (await lab.internet.ledger()).entries.at(-1)?.seq ?? 0;
    for (const [address, port] of [
      ['198.51.100.66', 443],
      ['169.254.169.254', 80],
      ['192.168.222.20', 80],
      ['192.168.222.11', 5001],
    ] as const) {
      const ended = await lab.mac.run(['docker', 'run', '--rm', IMAGE, 'node', '-e', dial(address, port)]);
      assert.equal(ended.stdout, 'connected\n', address);
    }
    const { entries } = await lab.internet.ledger(before);
    const reached = entries.flatMap((one) => (one.kind === 'tcp' || one.kind === 'canary' ? [one.to] : []));
    assert.deepEqual(reached, ['198.51.100.66:443', '169.254.169.254:80', '192.168.222.20:80', '192.168.222.11:5001']);
  });

  test('stand-ins: a container with the authority of the lab -> the model and the bot answer', async () => {
    const ask = 'for (const u of ["anthropic.com","telegram.org"]) console.log((await fetch("https://api." + u)).status)';
    const trust = '-v /etc/lobsterpot-lab/ca.pem:/ca.pem:ro -e NODE_EXTRA_CA_CERTS=/ca.pem';
    const ended = await ssh(lab, 'admin@nas', `${ON_NAS} run --rm ${trust} ${IMAGE} node --input-type=module -e '${ask}'`);
    assert.equal(told(ended), '0 401\n404\n');
  });

  test('a published port of a container -> reached from the other host', async () => {
    const serve = 'require("http").createServer((q, r) => r.end("hi")).listen(8080)';
    await ssh(lab, 'admin@nas', `${ON_NAS} run --detach --name web -p 8080:8080 ${IMAGE} node -e '${serve}'`);
    const ask = 'fetch("http://nas:8080").then((r) => r.text()).then(console.log)';
    const answered = await until(async () => ((await lab.mac.run(['/opt/node/node', '-e', ask])).stdout === 'hi\n' ? true : undefined), {
      timeoutMs: 10_000,
      everyMs: 200,
    });
    assert.equal(answered, true);
  });
});

describe('the lab with a plain NAS', { skip: SKIP, timeout: 120_000 }, () => {
  test('every oddity off, next to another lab with a third host -> docker for the login user, sftp, forwarding, limits', async () => {
    const plain = { dockerNeedsSudo: false, noSftp: false, noForwarding: false, oldKernel: false, noCpuNoPids: false };
    const [one, two] = await Promise.all([startLab({ nas: plain }), startLab({ images: 'none', hosts: 3 })]);
    try {
      assert.deepEqual(
        [one.hosts, two.hosts].map((hosts) => hosts.map((host) => host.name)),
        [
          ['mac', 'nas'],
          ['mac', 'nas', 'nas-2'],
        ],
      );
      assert.match(
        told(await ssh(two, 'admin@nas-2', `uname -n; ${ON_NAS} info --format '{{.Name}} {{.Containers}}'`)),
        /^0 nas-2\nnas-2 0\n/,
      );
      assert.match(told(await two.nas.run(['bash', '-c', 'exec 3<>/dev/tcp/nas-2/22; head -n 1 <&3'])), /^0 SSH-2\.0/);
      assert.match(told(await ssh(one, 'admin@nas', `docker run --rm --cpus 1 --pids-limit 99 ${IMAGE} node --version`)), /^0 v26\./);
      assert.match(told(await one.operator.run(['sftp', '-b', '/dev/null', 'admin@nas'])), /^0 /);
      assert.match(told(await one.operator.run(['ssh', '-W', '127.0.0.1:5000', 'admin@nas'])), /^0 .*lab nas 5000/s);
      assert.notEqual(one.id, two.id);
      assert.equal((await ssh(two, 'admin@nas', `${ON_NAS} images --quiet`)).stdout, '');
    } finally {
      await Promise.all([one.stop(), two.stop()]);
    }
    const gone = await until(async () => (leftOf(one).length + leftOf(two).length === 0 ? true : undefined), {
      timeoutMs: 10_000,
      everyMs: 200,
    });
    assert.equal(gone, true, [...leftOf(one), ...leftOf(two)].join('\n'));
  });
});

describe('the end of a lab', { skip: SKIP, timeout: 240_000 }, () => {
  test('its maker is killed hard -> nothing of it is left', async () => {
    const lab = await holdLab();
    assert.ok(leftOf(lab).length > 5);
    lab.maker.kill('SIGKILL');
    const gone = await until(async () => (leftOf(lab).length === 0 ? true : undefined), { timeoutMs: 30_000, everyMs: 200 });
    assert.equal(gone, true, leftOf(lab).join('\n'));
  });

  test('its watcher is killed too -> the next one clears it away', async () => {
    const lab = await holdLab();
    const watcher = watcherOf(lab);
    assert.ok(watcher);
    process.kill(watcher, 'SIGKILL');
    lab.maker.kill('SIGKILL');
    const ended = await until(async () => (leftOf(lab).some((one) => /^\d/.test(one)) ? undefined : true), {
      timeoutMs: 30_000,
      everyMs: 200,
    });
    assert.equal(ended, true, 'its processes end without the watcher');
    assert.ok(leftOf(lab).includes(lab.folder));
    const swept = await until(async () => ((await sweep(dirname(lab.folder))).includes(lab.id) ? true : undefined), {
      timeoutMs: 10_000,
      everyMs: 200,
    });
    assert.equal(swept, true);
    assert.deepEqual(leftOf(lab), []);
  });
});
