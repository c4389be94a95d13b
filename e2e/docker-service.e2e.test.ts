import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { until } from '../src/core/wait.ts';
import { engineRefusal } from './docker/prepare.ts';
import { withStage, type Staged } from './docker/with-stage.ts';

const refusal = await engineRefusal();

const ALL = ['gate', 'gateway-main', 'node-nas', 'ingress-main'] as const;

// What one container may do, as it really is: read inside it and from the engine, never from the file.
suite('docker: a service', { skip: refusal, timeout: 5 * 60_000 }, () => {
  let stage: Staged;
  before(async () => {
    stage = await withStage({ up: true });
  });
  after(async () => stage?.[Symbol.asyncDispose]());

  const inside = async (service: string, script: string): Promise<string> => {
    const result = await stage.runtime.inside(service, ['/bin/sh', '-c', script], { timeoutMs: 15_000 });
    return result.stdout.trim();
  };
  const inspect = (service: string, format: string): Promise<string> =>
    stage.docker(['inspect', '--format', format, `lobsterpot-home-${service}`]);

  for (const service of ALL) {
    test(`${service} -> a uid of its own, no right, no way to more`, async () => {
      const status = new Map(
        (await inside(service, 'cat /proc/1/status'))
          .split('\n')
          .map((line) => line.split(/:\s+/, 2))
          .map(([key = '', value = '']) => [key, value]),
      );
      const uid = stage.artifacts.find((one) => one.path === `services/${service}/state`)?.owner.uid;
      assert.equal(status.get('Uid'), Array.from({ length: 4 }, () => uid).join('\t'));
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) assert.equal(status.get(set), '0000000000000000', set);
      assert.equal(status.get('NoNewPrivs'), '1');
      assert.equal(status.get('Seccomp'), '2');
      assert.equal(await inside(service, 'id -un'), 'lobsterpot');
    });

    test(`${service} -> writes nowhere but in its state and its memory`, async () => {
      const places = [
        '/',
        '/app',
        '/bin',
        '/config',
        '/secrets',
        '/etc',
        '/opt/lobsterpot',
        '/usr/local/bin',
        '/run',
        '/dev',
        '/sys/fs/cgroup',
        '/proc/sys/kernel',
      ];
      const tried = await inside(service, `for at in ${places.join(' ')}; do touch $at/x 2>/dev/null && echo $at; done; true`);
      assert.equal(tried, '');
      assert.equal(await inside(service, 'touch /state/x /tmp/x /run/lobsterpot/x && echo done'), 'done');
      assert.equal(await inside(service, 'cat /bin/true >/tmp/true; chmod 755 /tmp/true; /tmp/true 2>/dev/null && echo ran; true'), '');
    });

    test(`${service} -> its limits as the engine holds them`, async () => {
      const { limits } = stage.services.find((one) => one.name === service) ?? assert.fail();
      const { can } = stage.target;
      assert.equal(await inspect(service, '{{.HostConfig.Memory}}'), String(can.memory ? limits.memoryMiB * 1024 ** 2 : 0));
      assert.equal(await inspect(service, '{{.HostConfig.PidsLimit}}'), can.pids ? String(limits.processes + 32) : '<no value>');
      assert.equal(
        await inspect(service, '{{.HostConfig.LogConfig.Type}} {{index .HostConfig.LogConfig.Config "max-size"}}'),
        'json-file 10m',
      );
      assert.equal(
        await inspect(service, '{{.HostConfig.RestartPolicy.Name}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.Privileged}}'),
        'always true false',
      );
      const held = await inside(service, 'cat /proc/1/limits');
      assert.match(held, new RegExp(`Max open files +${limits.openFiles} +${limits.openFiles} `));
      assert.match(held, new RegExp(`Max file size +${limits.fileMiB * 1024 ** 2} `));
      assert.match(held, /Max core file size +0 +0 /);
    });
  }

  test('what this engine cannot hold -> is told, and nothing is told that it can', async () => {
    const told = new Set((await stage.runtime.notEnforced()).map((one) => one.checkId));
    assert.equal(told.has('host.process-limit'), !stage.target.can.pids);
    assert.equal(told.has('host.cpu-limit'), !stage.target.can.cpuQuota);
    assert.ok(told.has('host.state-exec') && told.has('host.disk-limit'));
    // The claim behind it: a program that a service wrote into its state does run.
    assert.equal(await inside('node-nas', 'cat /bin/true >/state/true; chmod 755 /state/true; /state/true && echo ran'), 'ran');
  });

  test('a fork bomb and a memory hog -> end inside their own limits, the others live on', async () => {
    const { can } = stage.target;
    if (can.pids) {
      const bomb =
        "const { spawn } = require('node:child_process'); for (let i = 0; i < 200; i += 1) spawn('/bin/sleep', ['2']).on('error', (e) => { if (e.code === 'EAGAIN') { console.log('held'); process.exit(0); } });";
      const result = await stage.runtime.inside('node-nas', ['{node}', '--eval', bomb], { timeoutMs: 30_000 });
      assert.match(result.stdout + result.stderr, /held|EAGAIN|Resource temporarily unavailable|pthread_create/);
    }
    if (can.memory) {
      const hog = 'const all = []; for (;;) all.push(Buffer.alloc(16 * 1024 ** 2, 1));';
      const result = await stage.runtime.once('node-nas', ['{node}', '--eval', hog], { timeoutMs: 60_000 });
      assert.notEqual(result.code, 0);
    }
    const states = await stage.runtime.observe();
    assert.deepEqual(
      states.filter((one) => one.name !== 'node-nas').map((one) => one.state),
      ['healthy', 'healthy', 'healthy'],
    );
  });

  test('/tmp and /run/lobsterpot -> the same owner and mode after a restart', async () => {
    const look = 'stat -c "%u %a %n" /tmp /run/lobsterpot; grep -E " (/tmp|/run/lobsterpot) " /proc/mounts';
    const first = await inside('gateway-main', look);
    await stage.docker(['restart', '--time', '5', 'lobsterpot-home-gateway-main']);
    const isBack = async (): Promise<true | undefined> =>
      (await stage.runtime.observe()).some((one) => one.name === 'gateway-main' && one.state === 'healthy') ? true : undefined;
    assert.equal(await until(isBack, { timeoutMs: 30_000, everyMs: 200 }), true);
    assert.equal(await inside('gateway-main', look), first);
    const uid = stage.artifacts.find((one) => one.path === 'services/gateway-main/state')?.owner.uid;
    assert.match(first, new RegExp(`^${uid} 700 /tmp\\n${uid} 700 /run/lobsterpot\\n`));
    assert.equal(first.match(/nosuid,nodev,noexec/g)?.length, 2);
  });

  test('a secret -> its owner alone reads it; it is in no argv, environment, inspect, log or rendered file', async () => {
    assert.equal(await inside('gateway-main', 'cat /secrets/gateway_token; stat -c " %a" /secrets/gateway_token'), 'the-secret-value 400');
    const everything = [
      await stage.docker(['inspect', ...ALL.map((one) => `lobsterpot-home-${one}`)]),
      await stage.docker(['logs', 'lobsterpot-home-gateway-main']),
      ...stage.artifacts.map((one) => (one.kind === 'file' ? one.content : '')),
      await inside('gateway-main', 'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null'),
    ].join('\n');
    assert.ok(!everything.includes('the-secret-value'));
  });

  test('a dollar in an environment -> stays what it is', async () => {
    assert.equal(await inside('gateway-main', 'echo "$PRICE"'), '$5 ${HOME}');
    // Also in the service itself, whose environment comes from its specification.
    const own = 'for p in /proc/[0-9]*; do grep -q main.mjs $p/cmdline && tr "\\0" "\\n" <$p/environ; done';
    assert.ok((await inside('gateway-main', own)).split('\n').includes('PRICE=$5 ${HOME}'));
  });
});
