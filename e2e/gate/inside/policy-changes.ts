import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until as eventually } from '../../../src/core/wait.ts';
import { connectThrough, get } from '../gate-client.ts';
import { policyOf, ruleOf, startGate } from '../start-gate.ts';
import { API, MAIN, decisions, gateWith, running, statusOf, trailOf, tunnelTo } from './setup.ts';

test('reload: a policy that forbids an open tunnel -> closed at once; the file alone -> within two seconds', async () => {
  const gate = await gateWith([API, 'friendly.test']);
  const first = await tunnelTo(gate);
  const second = await tunnelTo(gate, 'friendly.test');
  const gone = { first: once(first, 'close'), second: once(second, 'close') };
  for (const one of [first, second]) one.on('error', () => {});
  gate.setPolicy(policyOf(['friendly.test']));
  const answer = await gate.ask({ op: 'reload', by: 'ann', change: 'took api.anthropic.com back' });
  assert.ok(answer.ok && answer.op === 'reload');
  assert.equal(answer.closed, 1);
  await gone.first;
  assert.equal((await statusOf(gate)).tunnels.length, 1);
  assert.equal(
    trailOf(gate).some((line) => line['kind'] === 'operator' && line['by'] === 'ann'),
    true,
  );
  gate.setPolicy(policyOf([]));
  await Promise.race([gone.second, sleep(3000).then(() => Promise.reject(new Error('still open')))]);
  // The client sees the end a moment before the gate has written it.
  const whys = (): readonly unknown[] => trailOf(gate).flatMap((line) => (line['kind'] === 'end' ? [line['why']] : []));
  await eventually(async () => (whys().length === 2 ? true : undefined), { timeoutMs: 3000, everyMs: 50 });
  assert.deepEqual(whys(), ['policy', 'policy']);
});

test('a timed override: opens, and ends by itself, tunnel included', async () => {
  const gate = await gateWith([]);
  const until = Date.now() + 2500;
  gate.setOverrides({ version: 1, rules: [{ verdict: 'allow', host: API, port: 443, until, by: 'ann', atMs: Date.now() }] });
  await gate.ask({ op: 'reload', by: 'ann', change: 'allow' });
  const tls = await tunnelTo(gate);
  tls.on('error', () => {});
  await once(tls, 'close');
  assert.ok(Date.now() >= until && Date.now() < until + 2500);
  assert.equal((await connectThrough(gate.path(MAIN), `${API}:443`)).code, 403);
});

test('an operator denial: beats the rule', async () => {
  const gate = await gateWith([API]);
  gate.setOverrides({ version: 1, rules: [{ verdict: 'deny', host: API, port: 443, by: 'ann', atMs: Date.now() }] });
  await gate.ask({ op: 'reload' });
  const { code, body } = await connectThrough(gate.path(MAIN), `${API}:443`);
  assert.equal(code, 403);
  assert.match(body, /"deny-rule".*operator ann/);
});

test('no policy, then a good one, then a bad one: denies all, serves, keeps the last good one and says so', async () => {
  const gate = await startGate({});
  running.push(gate);
  assert.match((await connectThrough(gate.path(MAIN), `${API}:443`)).body, /"no-policy"/);
  assert.match((await statusOf(gate)).policyError ?? '', /cannot be read/);
  gate.setPolicy(policyOf([API]));
  await gate.ask({ op: 'reload' });
  assert.match(await get(await tunnelTo(gate), API), /^HTTP\/1\.1/);
  gate.setPolicy('{"version":1');
  await gate.ask({ op: 'reload' });
  assert.match((await statusOf(gate)).policyError ?? '', /not JSON/);
  assert.match(gate.stderr(), /not JSON; the last good one stays in force/);
  assert.match(await get(await tunnelTo(gate), API), /^HTTP\/1\.1/);
  assert.equal(trailOf(gate).filter((line) => line['kind'] === 'policy-error').length, 2);
});

test('report mode: lets pass what it would deny and says so; the closed classes and what a rule denies stay closed', async () => {
  const gate = await gateWith([], { policy: policyOf([], { mode: 'report', deny: [ruleOf(API)] }) });
  assert.equal((await connectThrough(gate.path(MAIN), `${API}:443`)).code, 403);
  assert.match(await get(await tunnelTo(gate, 'friendly.test'), 'friendly.test'), /lab public/);
  const [, line] = decisions(gate);
  assert.deepEqual([line?.['verdict'], line?.['reason'], line?.['would']], ['allow', 'report-mode', 'no-rule']);
  assert.equal((await connectThrough(gate.path(MAIN), 'loopback.lab.test:443')).code, 403);
  assert.equal((await connectThrough(gate.path(MAIN), '169.254.169.254:443')).code, 403);
});

test('clients: a rule for one client -> only its socket passes', async () => {
  const gate = await gateWith([], { policy: policyOf([], { allow: [{ ...ruleOf(API), client: 'node-nas' }] }) });
  assert.equal((await connectThrough(gate.path(MAIN), `${API}:443`)).code, 403);
  assert.match(await get(await tunnelTo(gate, API, 'node-nas'), API), /^HTTP\/1\.1/);
});
