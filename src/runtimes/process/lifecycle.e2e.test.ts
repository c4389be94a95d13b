import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Problem } from '../../core/problem.ts';
import { until } from '../../core/wait.ts';
import { run } from '../../hosts/run.ts';
import type { ServiceState } from '../runtime.ts';
import { STAY, testDeployment, testService, type TestDeployment } from './testing/deployment.ts';

const WEB = `import { createServer } from 'node:http';
createServer((_request, answer) => answer.end('hello from ' + process.getuid())).listen(8080, '127.0.0.1');`;

const web = (port: number, more = {}) =>
  testService('web', {
    script: WEB,
    listeners: [{ name: 'ingress', toPort: 8080 }],
    published: [{ address: '127.0.0.1', port, listener: 'ingress' }],
    health: { kind: 'http', path: '/', timeoutMs: 15_000 },
    ...more,
  });

suite('lifecycle', { timeout: 240_000 }, () => {
  test('start: a published port and a forward lead to the service, a second start restarts it', async () => {
    const port = await freePort();
    await using here = await testDeployment([
      web(port),
      testService('client', {
        script: `${STAY} console.log(await (await fetch('http://127.0.0.1:3128/')).text());`,
        forwards: [{ port: 3128, service: 'web', listener: 'ingress' }],
        health: { kind: 'ready-line', text: 'hello from', timeoutMs: 15_000 },
      }),
    ]);
    const steps: string[] = [];
    await here.runtime.start(['web', 'client'], (name, state) => steps.push(`${name} ${state.state}`));
    assert.deepEqual(steps, ['web starting', 'web healthy', 'client starting', 'client healthy']);
    assert.match(await (await fetch(`http://127.0.0.1:${port}/`)).text(), /^hello from \d+$/);
    const before = await stateOf(here, 'web');
    await here.runtime.start(['web']);
    const now = await stateOf(here, 'web');
    assert.notEqual(now.pid, before.pid);
    assert.equal(now.spec, before.spec);
    assert.match(await (await fetch(`http://127.0.0.1:${port}/`)).text(), /^hello from/);
    const again = await here.runtime.inside(
      'client',
      ['{node}', '-e', "fetch('http://127.0.0.1:3128/').then(async r => console.log(await r.text()))"],
      { timeoutMs: 10_000 },
    );
    assert.match(again.stdout, /^hello from/, 'the client reaches the new socket through the same folder');
  });

  test('once: the ports behind a service’s own listeners -> lead to the running service', async () => {
    await using here = await testDeployment([web(await freePort())]);
    const ask = [
      '{node}',
      '-e',
      "fetch('http://127.0.0.1:8080/').then(async r => console.log(await r.text()), e => console.log(e.cause.code))",
    ];
    assert.match((await here.runtime.once('web', ask, { timeoutMs: 10_000 })).stdout, /ECONNRESET|other side closed|UND_ERR_SOCKET/);
    await here.runtime.start(['web']);
    assert.match((await here.runtime.once('web', ask, { timeoutMs: 10_000 })).stdout, /^hello from/);
  });

  test('once: input, exit code, both outputs and the time limit', async () => {
    await using here = await testDeployment([testService('stay', { script: STAY })]);
    const echo = await here.runtime.once('stay', ['/bin/sh', '-c', 'cat; echo oops >&2; exit 7'], {
      stdin: 'all of it\n',
      timeoutMs: 10_000,
    });
    assert.deepEqual(echo, { code: 7, signal: undefined, timedOut: false, stdout: 'all of it\n', stderr: 'oops\n' });
    const slow = await here.runtime.once('stay', ['/bin/sh', '-c', 'trap "" TERM; echo begun; sleep 60'], { timeoutMs: 800 });
    assert.deepEqual([slow.timedOut, slow.stdout], [true, 'begun\n']);
    await here.runtime.start(['stay']);
    const inside = await here.runtime.inside('stay', ['/bin/sh', '-c', 'trap "" TERM; cat; sleep 60'], { stdin: 'x', timeoutMs: 800 });
    assert.deepEqual([inside.timedOut, inside.stdout], [true, 'x']);
    const left = await here.runtime.inside('stay', ['/bin/sh', '-c', 'cat /proc/*/cmdline'], { timeoutMs: 5000 });
    assert.ok(!left.stdout.includes('sleep'), 'nothing of a timed-out command stays inside');
    await assert.rejects(here.runtime.inside('nobody', ['/bin/true'], { timeoutMs: 1000 }), /no service nobody/);
  });

  test('a deployment in a folder with a long path -> sockets work', async () => {
    await using here = await testDeployment([testService('stay', { script: STAY, listeners: [{ name: 'ingress', toPort: 8080 }] })], {
      folder: `${'long-folder-name-'.repeat(8)}/home`,
    });
    await here.runtime.start(['stay']);
    assert.equal((await stateOf(here, 'stay')).state, 'healthy');
  });

  test('stop: SIGTERM is enough -> ended at once, the log says so', async () => {
    await using here = await testDeployment([
      testService('polite', {
        script: `process.on('SIGTERM', () => { console.log('goodbye'); process.exit(0); }); ${STAY}`,
        stopGraceMs: 10_000,
      }),
    ]);
    await here.runtime.start(['polite']);
    const started = performance.now();
    await here.runtime.stop(['polite']);
    assert.ok(performance.now() - started < 5000);
    assert.equal((await stateOf(here, 'polite')).state, 'stopped');
    assert.deepEqual(await here.runtime.logs('polite', 1), ['goodbye']);
  });

  test('stop: SIGTERM is ignored -> killed after the grace, not before', async () => {
    await using here = await testDeployment([
      testService('deaf', { script: `process.on('SIGTERM', () => console.log('no')); ${STAY}`, stopGraceMs: 1000 }),
    ]);
    await here.runtime.start(['deaf']);
    const started = performance.now();
    await here.runtime.stop(['deaf']);
    const took = performance.now() - started;
    assert.ok(took > 900 && took < 6000, `${took} ms`);
    assert.deepEqual(
      survivors(here).filter((line) => !line.includes('lobsterpot supervisor')),
      [],
    );
  });

  test('a service that ends right after its start -> a Problem with its last words, then back-off', async () => {
    await using here = await testDeployment([
      testService('broken', { script: "console.error('cannot find the thing'); process.exit(7);" }),
    ]);
    await assert.rejects(here.runtime.start(['broken']), (error) => {
      assert.ok(error instanceof Problem);
      assert.equal(error.code, 'process/unhealthy');
      assert.match(error.why, /exit code 7[^]*cannot find the thing/);
      return true;
    });
    const state = await until(async () => eventually(await stateOf(here, 'broken'), (one) => (one.restarts ?? 0) >= 2), {
      timeoutMs: 15_000,
      everyMs: 200,
    });
    assert.ok(state, 'it was started again twice');
  });

  test('a service that is killed -> healthy again by itself', async () => {
    await using here = await testDeployment([web(await freePort())]);
    await here.runtime.start(['web']);
    await here.runtime.inside('web', ['/usr/bin/perl', '-e', 'kill 9, -1'], { timeoutMs: 5000 });
    const back = await until(async () => eventually(await stateOf(here, 'web'), (one) => one.state === 'healthy' && one.restarts === 1), {
      timeoutMs: 20_000,
      everyMs: 100,
    });
    assert.ok(back);
  });

  test('the supervisor is killed -> nothing of its services is left, the next start works', async () => {
    await using here = await testDeployment([
      testService('deaf', { script: `process.on('SIGTERM', () => undefined); ${STAY}` }),
      testService('stay', { script: STAY }),
    ]);
    await here.runtime.start(['deaf', 'stay']);
    assert.ok(survivors(here).length > 4, 'the search finds what runs');
    process.kill(Number(readFileSync(join(here.root, 'supervisor/pid'), 'utf8')), 'SIGKILL');
    const gone = await until(() => Promise.resolve(survivors(here).length === 0 ? true : undefined), { timeoutMs: 5000, everyMs: 20 });
    assert.ok(gone, survivors(here).join('\n'));
    assert.equal((await stateOf(here, 'stay')).state, 'stopped');
    await here.runtime.start(['deaf', 'stay']);
    assert.equal((await stateOf(here, 'stay')).state, 'healthy');
  });

  test('two starts at once on a fresh deployment -> one supervisor', async () => {
    await using here = await testDeployment([testService('one', { script: STAY }), testService('two', { script: STAY })]);
    await Promise.all([here.runtime.start(['one']), here.runtime.start(['two'])]);
    assert.deepEqual(
      (await here.runtime.observe()).map((one) => one.state),
      ['healthy', 'healthy'],
    );
    assert.equal(survivors(here).filter((line) => line.includes('lobsterpot supervisor')).length, 1);
  });

  test('a second supervisor on a deployment that has one, also much later -> leaves at once', async () => {
    await using here = await testDeployment([testService('stay', { script: STAY })]);
    await here.runtime.start(['stay']);
    const main = fileURLToPath(new URL('./supervisor/main.ts', import.meta.url));
    await new Promise((resolve) => setTimeout(resolve, 500));
    const second = await run([process.execPath, main, here.root, 'home'], { timeoutMs: 10_000 });
    assert.equal(second.code, 5, second.stderr);
    assert.equal((await stateOf(here, 'stay')).state, 'healthy');
  });

  test('a published port in use -> a Problem that names it, nothing runs', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const address = holder.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await using here = await testDeployment([web(port)]);
    await assert.rejects(here.runtime.start(['web']), (error) => {
      assert.ok(error instanceof Problem);
      assert.equal(error.code, 'process/port-in-use');
      assert.match(error.message, new RegExp(String(port)));
      return true;
    });
    assert.equal((await stateOf(here, 'web')).state, 'stopped');
    holder.close();
  });

  test('a service that never becomes healthy -> a Problem in time', async () => {
    await using here = await testDeployment([
      testService('mute', {
        script: 'setInterval(() => undefined, 1000);',
        health: { kind: 'ready-line', text: 'ready', timeoutMs: 1500 },
      }),
    ]);
    const started = performance.now();
    await assert.rejects(here.runtime.start(['mute']), /not healthy after 2 s/);
    assert.ok(performance.now() - started < 8000);
  });

  test('a service that floods its log -> a bounded part is written, the last lines are kept, it is not held up', async () => {
    const script = `const line = 'x'.repeat(1023) + '\\n'; let n = 0;
const more = () => { while (n++ < 20000) if (!process.stdout.write(line)) return process.stdout.once('drain', more); console.log('the end'); ${STAY} }; more();`;
    await using here = await testDeployment([
      testService('loud', { script, health: { kind: 'ready-line', text: 'ready', timeoutMs: 30_000 } }),
    ]);
    await here.runtime.start(['loud']);
    const last = async (): Promise<true | undefined> =>
      (await here.runtime.logs('loud', 2)).join() === 'the end,ready' ? true : undefined;
    assert.ok(await until(last, { timeoutMs: 10_000, everyMs: 100 }), (await here.runtime.logs('loud', 4)).join('\n'));
    const sizes = readdirSync(join(here.root, 'logs')).map((name) => statSync(join(here.root, 'logs', name)).size);
    assert.ok(sizes.reduce((sum, size) => sum + size, 0) < 3 * 1024 ** 2, String(sizes));
    assert.ok((await here.runtime.logs('loud', 10)).some((line) => /^lobsterpot: \d+ bytes dropped$/.test(line)));
  });

  test('shutdown: everything ends, also the supervisor and its files; again -> nothing to do', async () => {
    await using here = await testDeployment([testService('stay', { script: STAY })]);
    await here.runtime.start(['stay']);
    await here.runtime.shutdown();
    assert.ok(await until(() => Promise.resolve(survivors(here).length === 0 ? true : undefined), { timeoutMs: 5000, everyMs: 20 }));
    assert.equal(existsSync(join(here.root, 'supervisor/control.sock')), false);
    await here.runtime.shutdown();
    assert.deepEqual(await here.runtime.observe(), [{ name: 'stay', state: 'stopped' }]);
  });
});

/** Command lines of processes that name this deployment's folder. */
function survivors(here: TestDeployment): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return line.includes(here.root) || isOurs(pid, here.root) ? [`${pid} ${line}`] : [];
      } catch {
        return [];
      }
    });
}

/** A contained process does not name the folder, but the mounts it sees do; the supervisor works in it. */
function isOurs(pid: string, root: string): boolean {
  try {
    return (
      readlinkSync(`/proc/${pid}/cwd`) === root ||
      readFileSync(`/proc/${pid}/mountinfo`, 'utf8').includes(/lobsterpot-process-[^/]+/.exec(root)?.[0] ?? root)
    );
  } catch {
    return false;
  }
}

async function stateOf(here: TestDeployment, name: string): Promise<ServiceState> {
  const found = (await here.runtime.observe()).find((one) => one.name === name);
  assert.ok(found);
  return found;
}

function eventually(state: ServiceState, is: (state: ServiceState) => boolean): true | undefined {
  return is(state) ? true : undefined;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
