import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { verifyTrail } from '../src/audit/verify-trail.ts';
import { isRecord } from '../src/core/json.ts';
import { until } from '../src/core/wait.ts';
import { squidService } from '../src/services/squid-service.ts';
import { squidBundle } from '../src/squid/bundle.ts';
import { engineRefusal } from './docker/prepare.ts';
import { NET } from './docker/start-engine.ts';
import { tryInside } from './docker/try-inside.ts';
import { withStage, type Staged } from './docker/with-stage.ts';
import { findSquids } from './squid/prepare.ts';

const noEngine = await engineRefusal();
const squids = noEngine === undefined ? await findSquids() : { refusal: noEngine };
const WAIT = { timeoutMs: 10_000, everyMs: 200 };
const PIDS = 'for p in /proc/[0-9]*; do grep -q ^/usr/sbin/squid $p/cmdline 2>/dev/null && echo ${p#/proc/}; done; true';
const policy = {
  version: 1,
  deployment: 'home',
  mode: 'enforce',
  allow: [
    { host: NET.internet, port: 8443, source: 'test' },
    { host: NET.neighbour, port: 22, source: 'test', client: 'gateway-main' },
  ],
  deny: [],
} as const;

// A real engine, the real Squid with OpenSSL in the gate's place, a stand-in gateway and node.
suite('squid: in a container', { skip: 'refusal' in squids ? squids.refusal : false, timeout: 4 * 60_000 }, () => {
  let stage: Staged;
  before(async () => {
    if ('refusal' in squids) return;
    const gate = squidService('here', policy, ['gateway-main', 'node-nas'], await squidBundle());
    stage = await withStage({ up: true, squid: { program: squids.openssl, gate } });
  });
  after(async () => {
    await stage?.[Symbol.asyncDispose]();
    if (!('refusal' in squids)) await squids[Symbol.asyncDispose]();
  });

  const records = async (): Promise<readonly Readonly<Record<string, unknown>>[]> => {
    const folder = join(stage.root, 'services/gate/state/trail');
    const lines = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'));
    return lines.map((line): unknown => JSON.parse(line)).filter(isRecord);
  };
  const inGate = async (script: string): Promise<string> =>
    (await stage.runtime.inside('gate', ['/bin/sh', '-c', script], { timeoutMs: 15_000 })).stdout.trim();

  test('it -> runs as a user of its own without any right, and writes nowhere but in its state and its memory', async () => {
    const uid = stage.artifacts.find((one) => one.path === 'services/gate/state')?.owner.uid;
    const [pid] = (await inGate(PIDS)).split('\n');
    const status = await inGate(`cat /proc/${pid}/status`);
    assert.match(status, new RegExp(`^Uid:\\t${uid}\\t${uid}\\t${uid}\\t${uid}$`, 'm'));
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) assert.match(status, new RegExp(`^${set}:\\t0{16}$`, 'm'));
    assert.match(status, /^NoNewPrivs:\t1$/m);
    assert.equal(
      await inGate('for at in / /etc /etc/squid /usr/sbin /usr/share/squid /config; do touch $at/x 2>/dev/null && echo $at; done; true'),
      '',
    );
  });

  test('a client -> is let through by its own rules alone, and not to the gate itself', async () => {
    const targets = ['connect denied.example:443', `connect ${NET.neighbour}:22`, 'connect 127.0.0.1:19001', 'connect 127.0.0.1:19003'];
    const tried = async (service: string): Promise<readonly string[]> =>
      tryInside(
        stage.runtime,
        service,
        targets.map((one) => ['connect', one.slice('connect '.length)] as const),
      );
    const [main, nas] = [await tried('gateway-main'), await tried('node-nas')];
    assert.deepEqual(
      main.map((line) => line.slice(9, 12)),
      ['403', '200', '403', '403'],
    );
    assert.deepEqual(
      nas.map((line) => line.slice(9, 12)),
      ['403', '403', '403', '403'],
    );
  });

  test('a denial -> says so in words that an agent can use', async () => {
    const script = `const s=require('net').connect(3128,'127.0.0.1',()=>s.write('CONNECT denied.example:443 HTTP/1.1\\r\\n\\r\\n'));
      let all='';s.on('data',(d)=>{all+=d;});s.setTimeout(2000,()=>s.destroy());s.on('close',()=>console.log(all.split('\\r\\n\\r\\n')[1]));`;
    const { stdout } = await stage.runtime.inside('gateway-main', ['{node}', '--eval', script], { timeoutMs: 10_000 });
    const said: unknown = JSON.parse(stdout);
    assert.ok(isRecord(said));
    assert.deepEqual(
      [said['blocked'], said['host'], said['next']],
      [true, 'denied.example', 'ask the operator: npx lobsterpot egress explain denied.example'],
    );
  });

  test('the trail -> has both clients by their names, in one unbroken chain', async () => {
    const found = await until(async () => {
      const denied = (await records()).filter((one) => one['host'] === 'denied.example' && one['reason'] === 'no-rule');
      return new Set(denied.map((one) => one['client'])).size === 2 ? true : undefined;
    }, WAIT);
    assert.equal(found, true);
    assert.equal((await verifyTrail(join(stage.root, 'services/gate/state/trail'))).ok, true);
  });

  test('a service -> reaches nobody past it', async () => {
    const tried = await tryInside(stage.runtime, 'gateway-main', [
      ['tcp', NET.internet, 8443],
      ['tcp', NET.neighbour, 22],
      ['tcp', NET.host, 22],
    ]);
    assert.ok(
      tried.every((one) => one !== 'open'),
      tried.join(', '),
    );
  });

  test('Squid is killed -> the container is started again and works', async () => {
    await inGate(`for p in $(${PIDS}); do kill -9 $p; done`);
    const back = await until(
      async () => {
        const state = (await stage.runtime.observe()).find(({ name }) => name === 'gate');
        const [answer = ''] =
          state?.state === 'healthy' ? await tryInside(stage.runtime, 'gateway-main', [['connect', `${NET.neighbour}:22`]]) : [];
        return answer.includes(' 200 ') ? true : undefined;
      },
      { timeoutMs: 60_000, everyMs: 500 },
    );
    assert.equal(back, true);
    assert.equal((await records()).filter((one) => one['kind'] === 'start').length, 2, 'it was not killed');
  });
});
