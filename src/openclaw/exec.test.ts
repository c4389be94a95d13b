import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execOnNode } from './exec.ts';
import type { InvokeAnswer } from './rpc.ts';
import { fakeGateway } from './testing/fake-gateway.ts';

async function run(answer: InvokeAnswer): ReturnType<typeof execOnNode> {
  const { rpc } = fakeGateway({ invoke: () => answer });
  return execOnNode(rpc, { nodeId: 'a', command: ['/usr/bin/uname', '-n'], timeoutMs: 1000 });
}

const PAYLOAD = { exitCode: 0, timedOut: false, success: true, stdout: 'nas\n', stderr: '', error: null };

test('execOnNode: it ran -> its output', async () => {
  assert.deepEqual(await run({ ok: true, payload: PAYLOAD }), { kind: 'ran', exitCode: 0, stdout: 'nas\n', stderr: '', timedOut: false });
});

test('execOnNode: it ended by a signal -> 126 and the reason', async () => {
  const outcome = await run({ ok: true, payload: { ...PAYLOAD, exitCode: null, success: false, error: 'killed' } });
  assert.deepEqual(outcome, { kind: 'ran', exitCode: 126, stdout: 'nas\n', stderr: 'killed', timedOut: false });
});

test('execOnNode: its time was over -> 124', async () => {
  const outcome = await run({ ok: true, payload: { ...PAYLOAD, exitCode: undefined, success: false, timedOut: true } });
  assert.equal(outcome.kind === 'ran' && outcome.exitCode, 124);
});

test('execOnNode: denied by the policy -> refused', async () => {
  const outcome = await run({ ok: false, code: 'SYSTEM_RUN_DENIED', message: 'allowlist miss' });
  assert.deepEqual(outcome, { kind: 'refused', message: 'allowlist miss' });
});

test('execOnNode: a refused environment, under another code -> refused', async () => {
  const message = 'INVALID_REQUEST: SYSTEM_RUN_DENIED: command env assignment rejected (blocked env assignment keys: LD_PRELOAD)';
  assert.equal((await run({ ok: false, code: 'INVALID_REQUEST', message })).kind, 'refused');
});

test('execOnNode: node away -> a problem', async () => {
  await assert.rejects(run({ ok: false, code: 'NOT_CONNECTED', message: 'node not connected' }), { code: 'openclaw/exec' });
});

test('execOnNode: an answer of another form -> a problem, not a success', async () => {
  await assert.rejects(run({ ok: true, payload: { success: true } }), { code: 'openclaw/exec-answer' });
});
