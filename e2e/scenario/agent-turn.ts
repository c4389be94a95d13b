import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { agentTurnArgs } from '../support/agent-turn-argv.ts';
import { decisionsIn } from '../support/trail.ts';
import { AGENT_RUN, parseJson, type Stage } from '../support/stage.ts';

const answer = z.object({ status: z.string(), result: z.object({ payloads: z.array(z.object({ text: z.string().optional() })) }) });

/** A person asks the agent: the model behind the gate, the node behind its exec policy. */
export function agentTurnChapter(stage: Stage): void {
  const ask = async (message: string): Promise<string> => {
    const command = ['{node}', '{openclaw}', ...agentTurnArgs(message)];
    const { code, stdout, stderr } = await stage.runtime.inside('gateway-main', command, { timeoutMs: 90_000 });
    assert.equal(code, 0, stderr);
    const { status, result } = answer.parse(parseJson(stdout));
    assert.equal(status, 'ok', stdout);
    return result.payloads.map((one) => one.text ?? '').join('\n');
  };

  test('agent: asked to run an allowed command -> its answer carries what the node said', async () => {
    assert.match(await ask('run uname'), /the tool said: .*nas/s);
  });

  test('agent: asked to run another command -> its answer reports the refusal', async () => {
    assert.match(await ask('run id'), /exec denied: host=node allowlist miss/);
  });

  test('the log: an agent run -> seen in it, so that its absence elsewhere means something', async () => {
    assert.match((await stage.cli(['logs', 'main', '--lines', '5000'])).stdout, AGENT_RUN);
  });

  test('the model: reached through the gate over TLS, with the key that the gate alone has', async () => {
    const { entries } = await stage.lab.ledger();
    const requests = entries.filter((entry) => entry.kind === 'request');
    assert.ok(requests.length >= 4, JSON.stringify(entries));
    const kinds = requests.map(({ method, path, host, key }) => `${method} ${host}${path.split('?')[0]} ${key}`);
    assert.deepEqual([...new Set(kinds)], ['POST api.anthropic.com/v1/messages expected']);
  });

  test('the internet: nothing but the model was reached, and only its name was asked for', async () => {
    const { entries, pings } = await stage.lab.ledger();
    const others = entries.filter((entry) => {
      switch (entry.kind) {
        case 'dns':
          return entry.name !== 'api.anthropic.com';
        case 'tls':
          return entry.role !== 'model' || entry.sni !== 'api.anthropic.com';
        case 'tcp':
          return entry.role !== 'model';
        case 'hello':
          return entry.sni !== 'api.anthropic.com';
        case 'udp':
        case 'canary':
          return true;
        // Each comes over a connection that is judged above.
        case 'request':
        case 'not-tls':
          return false;
      }
    });
    assert.deepEqual({ others, pings }, { others: [], pings: 0 });
  });

  test('the trail: api.anthropic.com allowed for the gateway; whatever else was tried, denied', () => {
    const decisions = decisionsIn(stage.root);
    const allowed = decisions.filter((one) => one.verdict === 'allow');
    assert.ok(allowed.some((one) => one.client === 'gateway-main'));
    assert.deepEqual([...new Set(allowed.map((one) => `${one.host}:${one.port}`))], ['api.anthropic.com:443']);
    assert.ok(decisions.some((one) => one.verdict === 'deny'));
  });
}
