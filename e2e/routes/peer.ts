import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { NO_CALLER } from '../../src/openclaw/config/channels.ts';
import { until } from '../../src/core/wait.ts';
import { agentTurnArgs } from '../support/agent-turn-argv.ts';
import type { Stage } from '../support/stage.ts';
import { decisionsIn } from '../support/trail.ts';
import { Worker } from './worker.ts';

/** The channel as it stands in the file, for the worker that the lab has a site for. */
export const A2A = { peers: { worker: { url: 'https://worker.lab.test/a2a/v1', token: { secret: 'worker_token' } } } };

const TASK = `{ jsonrpc: '2.0', id: '1', method: 'SendMessage', params: { message: { messageId: 'm1', role: 'ROLE_USER', parts: [{ text: 'do work' }] } } }`;

/** Asks as whoever is inside does; prints `path status body`, a line each. */
const ASK = `
const [origin, bearer, ...asked] = process.argv.slice(1);
for (const one of asked) {
  const [method, path] = one.split(' ');
  const headers = { 'content-type': 'application/json', ...(bearer === '' ? {} : { authorization: 'Bearer ' + bearer }) };
  const body = method === 'POST' ? { body: JSON.stringify(${TASK}) } : {};
  const answer = await fetch(origin + path, { method, headers, signal: AbortSignal.timeout(60000), ...body });
  console.log(path, answer.status, (await answer.text()).replaceAll('\\n', ' '));
}`;

const ROUTE = 'http://127.0.0.1:3128';
const OWN = 'http://127.0.0.1:21789';

/** A gateway asks another real OpenClaw, and has no token of it; nobody asks the gateway by that channel. */
export function peerChapter(stage: Stage, token: string): void {
  // Its start goes on beside whatever else is tried meanwhile.
  const starting = Worker.start(stage.lab.folder, token);
  starting.catch(() => {});
  after(() => starting.then((worker) => worker[Symbol.asyncDispose]()).catch(() => {}));

  const inside = async (origin: string, bearer: string, ...asked: readonly string[]): Promise<readonly string[]> => {
    const argv = ['{node}', '--input-type=module', '-e', ASK, origin, bearer, ...asked];
    const { stdout, stderr } = await stage.runtime.inside('gateway-main', argv, { timeoutMs: 90_000 });
    assert.notEqual(stdout, '', stderr);
    return stdout.trim().split('\n');
  };
  const seen = async (since: number): Promise<readonly string[]> => {
    const { entries } = await stage.lab.ledger(since);
    const all = entries.flatMap((one) =>
      one.kind === 'request' && one.host === 'worker.lab.test' ? [`${one.method} ${one.path} ${one.key}`] : [],
    );
    return [...new Set(all)];
  };
  const mark = async (): Promise<number> => (await stage.lab.ledger()).entries.at(-1)?.seq ?? 0;

  test('peer: a blocking message from inside -> the reply of the other agent, asked with the token of the gate', async () => {
    const worker = await starting;
    const since = await mark();
    const [sent = '', card = ''] = await inside(ROUTE, '', 'POST /a2a-worker/a2a/v1', 'GET /a2a-worker/.well-known/agent-card.json');
    assert.match(sent, /^\/a2a-worker\/a2a\/v1 200 .*TASK_STATE_COMPLETED.*hello from behind the route/);
    assert.match(card, / 200 .*"name":"OpenClaw".*"protocolBinding":"JSONRPC"/);
    assert.deepEqual(await seen(since), ['POST /a2a/v1 expected', 'GET /.well-known/agent-card.json expected']);
    assert.equal(worker.turns(), 1);
  });

  test('peer: another path or method -> 400, nothing is asked, and the next message goes through', async () => {
    const worker = await starting;
    const since = await mark();
    const asked = ['GET /a2a-worker/a2a/v1', 'POST /a2a-worker/tools/invoke', 'POST /a2a-worker/v1/responses'];
    const said = await inside(ROUTE, 'held-by-the-gate', ...asked);
    assert.deepEqual(
      said.map((line) => line.split(' ')[1]),
      ['400', '400', '400'],
    );
    assert.deepEqual(await seen(since), []);
    const before = worker.turns();
    const argv = ['{node}', '{openclaw}', 'message', 'send', '--channel', 'a2a', '--target', 'a2a:worker', '--message', 'do it', '--json'];
    const sent = await stage.runtime.inside('gateway-main', argv, { timeoutMs: 60_000 });
    assert.equal(sent.code, 0, sent.stdout + sent.stderr);
    assert.ok(await until(async () => (worker.turns() > before ? true : undefined), { timeoutMs: 30_000, everyMs: 100 }));
    assert.deepEqual(await seen(since), ['POST /a2a/v1 expected']);
    const told = decisionsIn(stage.root).filter((one) => one.host === 'worker.lab.test');
    assert.deepEqual(
      new Set(told.map((one) => `${one.client} ${one.port} ${one.verdict} ${one.reason}`)),
      new Set(['gateway-main 443 allow rule', 'gateway-main 443 deny bad-request']),
    );
  });

  test('peer: the agent itself sends a message -> the other agent does it', async () => {
    const worker = await starting;
    const args = { action: 'send', channel: 'a2a', target: 'a2a:worker', message: 'from the agent' };
    await stage.lab.setRules([{ when: 'tell the worker', reply: { kind: 'tool', tool: 'tool_call', input: { id: 'message', args } } }]);
    const [before, since] = [worker.turns(), await mark()];
    const { code, stdout, stderr } = await stage.runtime.inside(
      'gateway-main',
      ['{node}', '{openclaw}', ...agentTurnArgs('tell the worker')],
      { timeoutMs: 90_000 },
    );
    await stage.lab.setRules([]);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /the tool said/);
    assert.ok(await until(async () => (worker.turns() > before ? true : undefined), { timeoutMs: 30_000, everyMs: 100 }), stdout);
    assert.deepEqual(await seen(since), ['POST /a2a/v1 expected']);
  });

  test('peer: somebody asks this gateway by the channel -> 401, whatever they come with; the card names no agent', async () => {
    // Not with the real one, which is looked for in its memory afterwards.
    const near = [NO_CALLER.replace('\n', ' '), NO_CALLER.replace('\n', ''), encodeURIComponent(NO_CALLER), ...NO_CALLER.split('\n')];
    for (const bearer of ['', ...near, 'b'.repeat(48)]) assert.match((await inside(OWN, bearer, 'POST /a2a/v1'))[0] ?? '', / 401 /, bearer);
    assert.match((await inside(OWN, '', 'GET /.well-known/agent-card.json'))[0] ?? '', / 200 .*"skills":\[\]/);
  });
}
