import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../src/core/wait.ts';
import { asRoot, containersOf, DOCKER, signalInside } from './on-hosts.ts';
import { statusOf, type HostsStage } from './stage.ts';

// 44 to 48 s; where another suite runs beside this one, each look takes longer.
const TOLD_MS = 90_000;
const BACK_MS = 120_000;

// Inside the gateway's container: what the gate says to a request for what is allowed; nothing within two seconds.
const ASK = `const s = require('node:net').connect(3128, '127.0.0.1', () => s.write('CONNECT api.anthropic.com:443 HTTP/1.1\\r\\nHost: api.anthropic.com:443\\r\\n\\r\\n'));
s.on('data', (said) => { console.log(String(said).split('\\r')[0]); process.exit(0); }); s.on('error', () => process.exit(1)); setTimeout(() => { console.log('nothing'); process.exit(0); }, 2000);`;

/** What runs on and does not answer: told, and started anew without a hand. Nothing leaves meanwhile. */
export function hanging(stage: () => HostsStage): void {
  test('the gate, the gateway and the ssh of the link hang -> nothing leaves; told, started anew, and a command runs on the node again', async (t) => {
    const ask = (): Promise<string> => asRoot(stage().lab.mac, '"$1" exec lobsterpot-casa-gateway-main node --eval "$2"', DOCKER.mac, ASK);
    const before = await containersOf(stage());
    assert.equal(await ask(), 'HTTP/1.1 200 Connection established');
    await signalInside(stage(), 'mac gate', 'STOP', '/config/gate.mjs');
    await signalInside(stage(), 'mac gateway-main', 'STOP', 'openclaw');
    await signalInside(stage(), 'nas link-nas', 'STOP', '/usr/bin/ssh');
    const begin = performance.now();
    const seconds = (): string => ((performance.now() - begin) / 1000).toFixed(1);
    assert.equal(await ask(), 'nothing');

    const told = new Map<string, string>();
    const hung = ['mac-mini gate', 'mac-mini gateway-main', 'nas link-nas'];
    const areTold = async (): Promise<true | undefined> => {
      for (const { host, name, state } of (await statusOf(stage())).services)
        if (state === 'unhealthy' && !told.has(`${host} ${name}`)) told.set(`${host} ${name}`, `${seconds()} s`);
      return hung.every((one) => told.has(one)) ? true : undefined;
    };
    assert.ok(await until(areTold, { timeoutMs: TOLD_MS, everyMs: 500 }), `told: ${JSON.stringify([...told])}`);
    t.diagnostic(`told: ${JSON.stringify([...told])}`);

    const isBack = async (): Promise<true | undefined> => {
      const now = await containersOf(stage());
      const areAnew = ['mac gate', 'mac gateway-main', 'nas link-nas'].every((name) => now.get(name) !== before.get(name));
      if (!areAnew || (await statusOf(stage())).code !== 0) return undefined;
      return (await stage().cli(['exec', 'nas', '--', '/usr/bin/uname', '-n'])).stdout === 'nas\n' ? true : undefined;
    };
    assert.ok(await until(isBack, { timeoutMs: BACK_MS, everyMs: 1000 }), JSON.stringify(await statusOf(stage())));
    t.diagnostic(`back after ${seconds()} s`);
    assert.equal(await ask(), 'HTTP/1.1 200 Connection established');
    assert.match((await stage().cli(['logs', 'gate', '--host', 'mac-mini'])).stdout, /it has not answered for \d+ s: it is ended/);
  });
}
