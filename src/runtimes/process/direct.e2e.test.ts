import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';

import { until } from '../../core/wait.ts';
import { STAY, testDeployment, testService } from './testing/deployment.ts';

const WEB = `import { createServer } from 'node:http'; import { readFileSync, writeFileSync } from 'node:fs';
writeFileSync('/state/seen', 'x');
createServer((_request, answer) => answer.end(readFileSync('/secrets/token', 'utf8') + process.env.WHERE)).listen(28080, '127.0.0.1');`;

suite('containment: none', { timeout: 60_000 }, () => {
  if (process.getuid?.() === 0) {
    test('as root -> refused, nothing starts', async () => {
      await using here = await testDeployment([testService('stay', { script: STAY })], { containment: 'none' });
      await assert.rejects(here.runtime.start(['stay']), { code: 'process/uncontained-root' });
      assert.deepEqual(await here.runtime.observe(), [{ name: 'stay', state: 'stopped' }]);
    });
    return;
  }

  test('as an ordinary user -> the same services run on real paths and ports, and it is said loudly', async () => {
    await using here = await testDeployment(
      [
        testService('web', {
          script: WEB,
          env: { WHERE: '/config/x' },
          secrets: [{ name: 'token', file: 'token' }],
          listeners: [{ name: 'ingress', toPort: 28080 }],
          health: { kind: 'http', path: '/', timeoutMs: 15_000 },
        }),
        testService('client', {
          script: `console.log('got ' + await (await fetch('http://127.0.0.1:3128/')).text()); ${STAY}`,
          forwards: [{ port: 3128, service: 'web', listener: 'ingress' }],
        }),
      ],
      { containment: 'none', secrets: { token: 'secret ' } },
    );
    await here.runtime.start(['web', 'client']);
    assert.equal((await here.runtime.logs('client', 2))[0], `got secret ${here.root}/services/web/config/x`);
    assert.equal(readFileSync(`${here.root}/services/web/state/seen`, 'utf8'), 'x');
    const once = await here.runtime.once('client', ['/bin/sh', '-c', 'pwd; cat'], { stdin: 'input', timeoutMs: 5000 });
    assert.equal(once.stdout, `${here.root}/services/client/state\ninput`);
    const [finding] = await here.runtime.notEnforced();
    assert.deepEqual([finding?.checkId, finding?.severity], ['host.containment', 'critical']);
  });

  test('the supervisor is killed -> its services end too', async () => {
    await using here = await testDeployment([testService('stay', { script: STAY, stopGraceMs: 300 })], { containment: 'none' });
    await here.runtime.start(['stay']);
    const pid = (await here.runtime.observe())[0]?.pid;
    assert.ok(pid);
    process.kill(Number(readFileSync(`${here.root}/supervisor/pid`, 'utf8')), 'SIGKILL');
    assert.ok(await until(() => Promise.resolve(isAlive(pid) ? undefined : true), { timeoutMs: 5000, everyMs: 50 }));
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
