import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { verifyTrail } from '../../../src/audit/verify-trail.ts';
import { until } from '../../../src/core/wait.ts';
import { run } from '../../../src/hosts/run.ts';
import { connectThrough, secure, talk } from '../gate-client.ts';
import { type RunningGate, policyOf, startGate } from '../start-gate.ts';
import { API, MAIN, ca, gateWith, lab, ledgerMark, running, statusOf, trailOf, tunnelTo } from './setup.ts';

test('idle and total limits: end a tunnel and say why', async () => {
  for (const [limits, why] of [
    [{ idleMs: 300 }, 'idle'],
    [{ totalMs: 300 }, 'total'],
  ] as const) {
    const gate = await gateWith([API], { limits });
    const tls = await tunnelTo(gate);
    tls.on('error', () => {});
    await once(tls, 'close');
    const end = await until(async () => trailOf(gate).find((line) => line['kind'] === 'end'), { timeoutMs: 3000, everyMs: 20 });
    assert.equal(end?.['why'], why);
  }
});

test('control: test decides without sending, close ends a tunnel, nonsense is refused', async () => {
  const gate = await gateWith([API]);
  const before = await ledgerMark();
  const tested = await gate.ask({ op: 'test', host: 'EVIL.test', port: 443, client: MAIN });
  assert.deepEqual(tested, { ok: true, op: 'test', host: 'evil.test', port: 443, verdict: { allowed: false, reason: 'no-rule' } });
  assert.deepEqual((await lab.ledger(before)).entries, []);
  const tls = await tunnelTo(gate);
  tls.on('error', () => {});
  const gone = once(tls, 'close');
  assert.deepEqual(await gate.ask({ op: 'close', client: MAIN, by: 'ann' }), { ok: true, op: 'close', closed: 1 });
  await gone;
  assert.match(await talk(gate.path('control'), 'nonsense\n', 300), /"ok":false/);
});

test('control: metrics count what was decided and carried, in lines that a monitor reads', async () => {
  const gate = await gateWith([API]);
  const tls = await tunnelTo(gate);
  tls.on('error', () => {});
  for (const name of ['a', 'b']) await connectThrough(gate.path(MAIN), `${name}.evil.test:443`);
  const ask = async (): Promise<readonly string[]> => {
    const answer = await gate.ask({ op: 'metrics' });
    return answer.ok && answer.op === 'metrics' ? answer.text.split('\n') : [];
  };
  const open = await ask();
  const carried = (lines: readonly string[]): number =>
    Number(/ (\d+)$/.exec(lines.find((line) => line.includes('direction="down"')) ?? '')?.[1]);
  assert.ok(open.includes(`lobsterpot_gate_decisions_total{client="${MAIN}",verdict="deny",reason="no-rule"} 2`));
  assert.ok(open.includes(`lobsterpot_gate_decisions_total{client="${MAIN}",verdict="allow",reason="rule"} 1`));
  assert.ok(open.includes(`lobsterpot_gate_tunnels{client="${MAIN}"} 1`));
  await gate.ask({ op: 'close', client: MAIN, by: 'ann' });
  const isClosed = async (): Promise<true | undefined> =>
    (await ask()).includes(`lobsterpot_gate_tunnels{client="${MAIN}"} 0`) || undefined;
  assert.equal(await until(isClosed, { timeoutMs: 3000, everyMs: 20 }), true);
  assert.ok(carried(open) > 500 && carried(await ask()) >= carried(open));
});

test('kill -9 and a torn last line: the next gate goes on, the gap is in the trail, the chain verifies', async () => {
  const gate = await gateWith([API], { trail: { fileBytes: 4096, files: 4 } });
  for (let index = 0; index < 30; index += 1) await connectThrough(gate.path(MAIN), `n${index}.evil.test:443`);
  await gate.kill('SIGKILL');
  const last = readdirSync(gate.trailFolder).toSorted().at(-1) ?? '';
  appendFileSync(join(gate.trailFolder, last), '{"seq":999,"ti');
  const next = await startGate({ folder: gate.folder, trail: { fileBytes: 4096, files: 4 } });
  running.push(next);
  const gap = trailLines(next).find((line) => line.includes('"kind":"gap"'));
  assert.match(gap ?? '', /"bytes":14/);
  const checked = await verifyTrail(next.trailFolder);
  assert.deepEqual([checked.ok, checked.ok && checked.gaps], [true, 1]);
  assert.equal(readdirSync(next.trailFolder).length <= 4, true);
});

function trailLines(gate: RunningGate): readonly string[] {
  return readdirSync(gate.trailFolder)
    .toSorted()
    .flatMap((name) => readFileSync(join(gate.trailFolder, name), 'utf8').split('\n'));
}

test('audit required: a trail that cannot be written -> nothing new passes, and it is said', async () => {
  const gate = await gateWith([API], { audit: 'required', trail: { fileBytes: 4096 } });
  await gate.kill('SIGTERM');
  rmSync(gate.trailFolder, { recursive: true });
  // A file where the folder should be: root cannot write there either.
  appendFileSync(gate.trailFolder, 'x');
  const blind = await startGate({ folder: gate.folder, audit: 'required' });
  const { socket } = await connectThrough(blind.path(MAIN), `${API}:443`);
  await assert.rejects(secure(socket, API, ca));
  assert.ok((await statusOf(blind)).trailError);
  assert.match(blind.stderr(), /the trail cannot be written/);
  await blind.kill('SIGKILL');
  chmodSync(gate.trailFolder, 0o600);
  rmSync(gate.trailFolder);
});

for (const audit of ['best-effort', 'required'] as const) {
  test(`the trail's disk is full, audit ${audit} -> decisions go on, ${audit === 'required' ? 'nothing passes' : 'what is allowed passes'}, it is said, and once there is room the gap is told`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'gate-full-'));
    const trail = join(folder, 'trail');
    mkdirSync(trail);
    const mount = (...argv: readonly string[]) => run(argv, { timeoutMs: 5000, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } });
    const mounted = await mount('mount', '-t', 'tmpfs', '-o', 'size=32k', 'none', trail);
    if (mounted.code !== 0) {
      rmSync(folder, { recursive: true });
      return t.skip(`a small file system is root's to mount: ${mounted.stderr.trim()}`);
    }
    const gate = await startGate({ policy: policyOf([API]), folder, audit });
    try {
      const deniedAll = async (): Promise<void> => {
        for (let index = 0; index < 150; index += 1)
          assert.equal((await connectThrough(gate.path(MAIN), `n${index}.evil.test:443`)).code, 403);
      };
      await deniedAll();
      assert.match((await statusOf(gate)).trailError ?? '', /ENOSPC/);
      assert.match(gate.stderr(), /the trail cannot be written: .*ENOSPC/);
      const passes = await connectThrough(gate.path(MAIN), `${API}:443`).then(({ socket }) =>
        secure(socket, API, ca).then(
          () => true,
          () => false,
        ),
      );
      assert.equal(passes, audit === 'best-effort');
      assert.equal((await mount('mount', '-o', 'remount,size=1m', trail)).code, 0);
      await connectThrough(gate.path(MAIN), 'room.evil.test:443');
      assert.equal((await statusOf(gate)).trailError, undefined);
      assert.match(gate.stderr(), /the trail is written again/);
      await secure((await connectThrough(gate.path(MAIN), `${API}:443`)).socket, API, ca);
      const gap = trailLines(gate).find((line) => line.includes('"kind":"gap"'));
      assert.match(gap ?? '', /"bytes":0,"records":[1-9]\d*/);
      const checked = await verifyTrail(trail);
      // A gap is shorter than what it stands for: one may have fitted before the disk was really full.
      assert.ok(checked.ok && checked.gaps >= 1 && checked.gaps <= 3, JSON.stringify(checked));
    } finally {
      await gate.kill('SIGKILL');
      await mount('umount', trail);
      await gate.remove();
    }
  });
}

test('the life line: closes -> the gate ends cleanly', async () => {
  const gate = await gateWith([API]);
  (await tunnelTo(gate)).on('error', () => {});
  const exited = once(gate.child, 'exit');
  gate.cutLifeLine();
  assert.deepEqual(await exited, [0, null]);
  assert.deepEqual(
    trailOf(gate)
      .slice(-2)
      .map((line) => line['kind']),
    ['end', 'stop'],
  );
});
