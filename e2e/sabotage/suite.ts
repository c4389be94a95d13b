import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { verifyTrail } from '../../src/audit/verify-trail.ts';
import { worstFirst } from '../../src/checks/report/summary.ts';
import type { Finding } from '../../src/core/finding.ts';
import { assertKilled, hasUnendedStart, killUnderLoad } from '../support/gate-killed.ts';
import { assertHung, assertStartedAnew, hang } from '../support/hung.ts';
import { GATEWAY } from '../support/stand-in.ts';
import { GATE_SABOTAGES } from './gate-sabotages.ts';
import { HOST_SABOTAGES } from './host-sabotages.ts';
import { SERVICE_SABOTAGES } from './service-sabotages.ts';
import { WHOLE_SABOTAGES } from './whole-sabotages.ts';
import { PRIVATE_NAMES, setSmallStage } from './small-stage.ts';
import type { SmallStage } from './small-stage.ts';

// Runs inside the lab (see e2e/sabotage.e2e.test.ts). Each test weakens one control, and the proof has to find exactly that.
let stage: SmallStage;

before(async () => {
  stage = await setSmallStage();
});

test('untouched: no false alarm, and nothing of what was tried arrived', async () => {
  const { entries } = await stage.lab.ledger();
  const findings = await stage.prove();
  assert.deepEqual(notGreen(findings), []);
  assert.ok(findings.length > 90, `${findings.length} findings`);
  const arrived = (await stage.lab.ledger(entries.at(-1)?.seq ?? 0)).entries;
  const names = new Set(arrived.flatMap((entry) => (entry.kind === 'dns' ? [entry.name] : [])));
  assert.deepEqual([...names].toSorted(), ['api.anthropic.com', ...PRIVATE_NAMES].toSorted());
  const places = new Set(arrived.flatMap((entry) => (entry.kind === 'tcp' || entry.kind === 'udp' ? [entry.to] : [])));
  assert.deepEqual([...places], ['198.51.100.10:443']);
  const said = new Set(arrived.flatMap((entry) => (entry.kind === 'hello' ? [entry.sni] : [])));
  assert.deepEqual([...said], ['api.anthropic.com']);
  // The gate has dialled and then hung up: not a byte of what was no proper hello went on.
  const strange = arrived.flatMap((entry) => (entry.kind === 'not-tls' && entry.why !== 'socket hang up' ? [entry.why] : []));
  assert.deepEqual(strange, []);
});

test('route: asked from inside the gateway -> the provider sees the key that the gate holds; the node has no such route', async () => {
  const { entries } = await stage.lab.ledger();
  const body = JSON.stringify({ model: 'claude-sonnet-5', stream: true, messages: [{ role: 'user', content: 'hi' }] });
  const program = `const a = await fetch('http://127.0.0.1:3128/anthropic/v1/messages', { method: 'POST', body: ${JSON.stringify(body)} }); console.log(a.status, await a.text());`;
  const ask = (service: string) =>
    stage.runtime
      .inside(service, ['{node}', '--input-type=module', '-e', program], { timeoutMs: 20_000 })
      .then(({ stdout, stderr }) => stdout + stderr);
  assert.match(await ask('gateway-main'), /^200 [^]*hello from the stand-in model/);
  assert.match(await ask('node-nas'), /^400 [^]*"reason":"bad-request"/);
  const asked = (await stage.lab.ledger(entries.at(-1)?.seq ?? 0)).entries.flatMap((entry) =>
    entry.kind === 'request' ? [entry.key] : [],
  );
  assert.deepEqual(asked, ['expected']);
});

for (const sabotage of [...SERVICE_SABOTAGES, ...HOST_SABOTAGES, ...GATE_SABOTAGES, ...WHOLE_SABOTAGES]) {
  const title = `sabotage: ${sabotage.name} -> ${sabotage.finds.length === 1 ? sabotage.finds[0] : `${sabotage.finds.length} checks`}`;
  const skip = sabotage.needsRoot === true && process.getuid?.() !== 0 && 'only root can weaken it so';
  test(title, { skip }, async () => {
    try {
      await sabotage.weaken?.(stage);
      // The gate always: a new one has not yet had so many refusals of earlier tests that it only counts them.
      await stage.runtime.start(['gate', ...sabotage.restart.filter((name) => name !== 'gate')]);
      const findings = await stage.prove(sabotage.proof?.(stage));
      const failed = new Set(findings.filter(({ status }) => status === 'fail').map(({ checkId }) => checkId));
      const missed = sabotage.finds.filter((id) => !failed.has(id));
      assert.deepEqual(missed, [], `not noticed; what was found:\n${notGreen(findings).join('\n')}`);
      const also = sabotage.also ?? [];
      const stray = also === 'any' ? [] : [...failed].filter((id) => !sabotage.finds.includes(id) && !also.includes(id));
      assert.deepEqual(stray, [], `false alarms:\n${notGreen(findings).join('\n')}`);
      for (const finding of findings)
        if (finding.status === 'fail') assert.ok(finding.fix !== undefined && finding.fix !== '', `${finding.checkId} has no fix`);
    } finally {
      sabotage.repair?.(stage);
      await stage.restore(sabotage.restart);
    }
  });
}

for (const [why, addresses] of [
  ['the name does not resolve', []],
  ['the address is not reachable', ['203.0.114.1']],
] as const) {
  test(`offline: ${why} -> what needs the internet is unknown, nothing fails and nothing of it passes`, async () => {
    try {
      await stage.lab.setName('api.anthropic.com', { kind: 'same', addresses });
      await stage.runtime.start(['gate']);
      const findings = await stage.prove();
      assert.deepEqual(
        findings.filter(({ status }) => status === 'fail').map(({ checkId, message }) => `${checkId}: ${message}`),
        [],
      );
      const unknown = new Set(findings.filter(({ status }) => status === 'unknown').map(({ checkId }) => checkId));
      assert.deepEqual(
        unknown,
        new Set(['egress.allowed-name', 'egress.sni-mismatch', 'egress.sni-missing', 'egress.not-tls', 'egress.tunnels-recorded']),
      );
    } finally {
      await stage.lab.setName('api.anthropic.com', { kind: 'same', addresses: ['198.51.100.10'] });
      await stage.restore(['gate']);
    }
  });
}

test('the gate is killed under load -> nothing gets out meanwhile, it is back at once, and the trail is whole and shows it', async (t) => {
  const gate = (await stage.runtime.observe()).find(({ name }) => name === 'gate');
  assert.ok(gate?.pid !== undefined);
  const { pid } = gate;
  const load = { target: 'api.anthropic.com:443', name: 'api.anthropic.com', direct: { host: '198.51.100.10', port: 443 } };
  const seen = await killUnderLoad(stage.runtime, 'gateway-main', load, async () => void process.kill(pid, 'SIGKILL'));
  t.diagnostic(JSON.stringify(seen));
  await assertKilled(seen, 2000);
  const folder = join(stage.root, 'services/gate/state/trail');
  const checked = await verifyTrail(folder);
  assert.equal(checked.ok, true, JSON.stringify(checked));
  assert.ok(await hasUnendedStart(folder));
});

const slow = process.getuid?.() !== 0 && 'it takes a minute, and root has tried it';
test(
  'the gate hangs under load, and the gateway -> nothing gets out; told within a minute, started anew, the trail is whole',
  { skip: slow },
  async (t) => {
    await stage.runtime.start(['gate', 'gateway-main']);
    const before = await stage.runtime.observe();
    await hang(stage.runtime, 'gateway-main', GATEWAY);
    const load = { target: 'api.anthropic.com:443', name: 'api.anthropic.com', direct: { host: '198.51.100.10', port: 443 } };
    const seen = await killUnderLoad(stage.runtime, 'gateway-main', load, () => hang(stage.runtime, 'gate', '/config/gate.mjs'));
    t.diagnostic(JSON.stringify(seen));
    assertHung(seen);
    await assertStartedAnew(stage.runtime, before, ['gate', 'gateway-main']);
    const checked = await verifyTrail(join(stage.root, 'services/gate/state/trail'));
    assert.equal(checked.ok, true, JSON.stringify(checked));
  },
);

test('disruptive, untouched: without the gate nothing leaves, and it comes back', async () => {
  const findings = await stage.prove({ disruptive: true });
  assert.deepEqual(notGreen(findings), []);
  assert.deepEqual(
    new Set(findings.flatMap(({ checkId }) => (checkId.startsWith('recovery.') ? [checkId] : []))),
    new Set(['recovery.gate-down', 'recovery.gate-back']),
  );
});

test('after all of it: everything is repaired, no alarm is left', async () => {
  await stage.restore(['gate']);
  assert.deepEqual(notGreen(await stage.prove()), []);
});

function notGreen(findings: readonly Finding[]): readonly string[] {
  return worstFirst(findings)
    .filter(({ status }) => status === 'fail' || status === 'unknown')
    .map(({ status, checkId, subject, message }) => `${status} ${checkId} ${subject}: ${message.slice(0, 200)}`);
}
