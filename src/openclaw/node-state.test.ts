import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunResult } from '../hosts/host.ts';
import { NODE_READY_LINE } from './config/commands.ts';
import type { Once } from './enrol.ts';
import { INSIDE } from './inside-paths.ts';
import { judgeOldNode, moveNodeState, tryOldNode, type NodeState } from './node-state.ts';

/** Runs the command here, with `openclaw` as OpenClaw. */
function here(openclaw = ''): Once {
  return (_service, command, { timeoutMs }) =>
    new Promise((resolve) => {
      const [, ...args] = command.map((word) => (word === '{openclaw}' ? openclaw : word));
      execFile(process.execPath, args, { timeout: timeoutMs }, (error, stdout, stderr) => {
        resolve({ code: error ? 1 : 0, signal: undefined, timedOut: false, stdout, stderr } satisfies RunResult);
      });
    });
}

function place(openclaw?: string): Disposable & { readonly node: NodeState & { readonly name: string }; path(name: string): string } {
  const state = mkdtempSync(join(tmpdir(), 'lobsterpot-node-state-'));
  return {
    node: { once: here(openclaw), service: 'node-nas', name: 'nas', inside: { ...INSIDE, state } },
    path: (name) => join(state, name),
    [Symbol.dispose]: () => rmSync(state, { recursive: true, force: true }),
  };
}

test('moveNodeState: set aside twice, with a new state between -> the first one is kept', async () => {
  using at = place();
  mkdirSync(at.path('openclaw'));
  writeFileSync(at.path('openclaw/key'), 'old');
  writeFileSync(at.path('work'), 'a file of the node');
  await moveNodeState(at.node, 'set-aside');
  mkdirSync(at.path('openclaw'));
  writeFileSync(at.path('openclaw/key'), 'new');
  await moveNodeState(at.node, 'set-aside');
  assert.equal(readFileSync(at.path('openclaw.before/key'), 'utf8'), 'old');
  assert.equal(readFileSync(at.path('openclaw/key'), 'utf8'), 'new');
  assert.equal(readFileSync(at.path('work'), 'utf8'), 'a file of the node');
});

test('moveNodeState: put back -> the old one in its place; again -> it stays', async () => {
  using at = place();
  mkdirSync(at.path('openclaw'));
  writeFileSync(at.path('openclaw/key'), 'old');
  await moveNodeState(at.node, 'set-aside');
  mkdirSync(at.path('openclaw'));
  await moveNodeState(at.node, 'put-back');
  await moveNodeState(at.node, 'put-back');
  assert.equal(readFileSync(at.path('openclaw/key'), 'utf8'), 'old');
  assert.equal(existsSync(at.path('openclaw.before')), false);
});

test('moveNodeState: removed -> only what was set aside is gone', async () => {
  using at = place();
  mkdirSync(at.path('openclaw'));
  await moveNodeState(at.node, 'set-aside');
  mkdirSync(at.path('openclaw'));
  await moveNodeState(at.node, 'remove-old');
  await moveNodeState(at.node, 'remove-old');
  assert.deepEqual([existsSync(at.path('openclaw')), existsSync(at.path('openclaw.before'))], [true, false]);
});

test('moveNodeState: it cannot be done -> a problem with the last words', async () => {
  const once: Once = async () => ({ code: 1, signal: undefined, timedOut: false, stdout: '', stderr: 'Error: EACCES' });
  await assert.rejects(moveNodeState({ once, service: 'node-nas' }, 'set-aside'), { code: 'openclaw/node-state', why: 'Error: EACCES' });
});

const REFUSED = 'node host gateway connect failed: unauthorized: device token mismatch (rotate/reissue device token)';

for (const [what, said, state] of [
  ['another token', `[node-host] hello\n${REFUSED}\n`, 'refused'],
  ['no pairing', 'node host gateway connect failed: pairing required: device is not approved yet\n', 'refused'],
  ['let in', `${NODE_READY_LINE}\n`, 'taken'],
  ['let in after a refusal', `${REFUSED}\n${NODE_READY_LINE}\n`, 'taken'],
  ['nobody listens', 'node host gateway connect failed: connect ECONNREFUSED 127.0.0.1:18790\n', 'unclear'],
  ['too many tries', 'node host gateway connect failed: unauthorized: too many failed attempts\n', 'unclear'],
  ['nothing', '', 'unclear'],
] as const) {
  test(`judgeOldNode: ${what} -> ${state}`, () => {
    assert.equal(judgeOldNode({ stdout: said, stderr: '' }).state, state);
  });
}

test('tryOldNode: a node that forgets its token when it is refused -> each trial begins with it, and leaves nothing behind', async () => {
  using at = place();
  const program = at.path('openclaw.mjs');
  writeFileSync(
    program,
    `import { rmSync, readFileSync } from 'node:fs';
const token = process.env.OPENCLAW_STATE_DIR + '/token';
console.error('connect failed: pairing required ' + readFileSync(token, 'utf8'));
rmSync(token);
setInterval(() => {}, 1000);`,
  );
  mkdirSync(at.path('openclaw.before'));
  writeFileSync(at.path('openclaw.before/token'), 'abc');
  for (const _trial of [1, 2]) {
    const standing = await tryOldNode({ ...at.node, once: here(program) });
    assert.deepEqual(standing, { state: 'refused', reason: 'pairing required abc' });
  }
  assert.equal(readFileSync(at.path('openclaw.before/token'), 'utf8'), 'abc');
  assert.equal(existsSync(at.path('openclaw.before.trial')), false);
});

test('moveNodeState: a trial was cut off -> its copy is gone with the next step', async () => {
  using at = place();
  mkdirSync(at.path('openclaw.before.trial'));
  await moveNodeState(at.node, 'remove-old');
  assert.equal(existsSync(at.path('openclaw.before.trial')), false);
});

test('tryOldNode: nothing was set aside -> unclear', async () => {
  using at = place();
  assert.deepEqual(await tryOldNode(at.node), { state: 'unclear', reason: 'no old state' });
});
