import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { suite, test } from 'node:test';

const MODULE = new URL('../../bin/run-child.mjs', import.meta.url).href;

/** Starts a process that runs `program` in its place, as the command does under an older Node. */
function start(program) {
  const outer = `import { runInPlace } from ${JSON.stringify(MODULE)};
    process.exitCode = await runInPlace(process.execPath, ['--input-type=module', '--eval', ${JSON.stringify(program)}, '--', 'a b', '$HOME']);`;
  return spawn(process.execPath, ['--input-type=module', '--eval', outer], { stdio: ['pipe', 'pipe', 'inherit'], timeout: 20_000 });
}

const ready = `console.log('ready'); setInterval(() => {}, 1000);`;

suite('runInPlace', () => {
  test('the exit code is that of the program', async () => {
    const [code] = await once(start('process.exit(7)'), 'exit');
    assert.equal(code, 7);
  });

  test('arguments arrive as they are, stdin and stdout too', async () => {
    const child = start(`process.stdin.on('data', (d) => console.log(JSON.stringify([process.argv.slice(1), String(d)])));`);
    child.stdin.end('hello');
    const [line] = await once(child.stdout, 'data');
    assert.deepEqual(JSON.parse(String(line)), [['a b', '$HOME'], 'hello']);
  });

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
    test(`${signal} ends the program -> the same signal ends this process`, async () => {
      const child = start(ready);
      await once(child.stdout, 'data');
      child.kill(signal);
      assert.deepEqual(await once(child, 'exit'), [null, signal]);
    });

    test(`${signal} that the program handles -> its own exit code`, async () => {
      const child = start(`process.on('${signal}', () => process.exit(5)); ${ready}`);
      await once(child.stdout, 'data');
      child.kill(signal);
      assert.deepEqual(await once(child, 'exit'), [5, null]);
    });
  }

  test('the program is killed -> this process ends by the same signal', async () => {
    assert.deepEqual(await once(start(`process.kill(process.pid, 'SIGKILL')`), 'exit'), [null, 'SIGKILL']);
  });
});
