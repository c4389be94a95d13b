import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { nameOf } from '../hosts/on-hosts.ts';
import type { HostsStage } from '../hosts/stage.ts';
import { agentTurnArgs } from '../support/agent-turn-argv.ts';
import { leaksBelow, leaksIn } from '../support/leaks.ts';
import { memoryOf } from '../support/memory.ts';
import { parseJson } from '../support/stage.ts';

/** Asks the model as whoever is inside does: with a key of its own, whole or as a stream. */
const ASK = `
const stream = process.argv[1] === 'stream';
const answer = await fetch('http://127.0.0.1:3128/anthropic/v1/messages', {
  method: 'POST',
  headers: { 'x-api-key': 'one of its own', 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
  body: JSON.stringify({ model: 'claude-sonnet-5', max_tokens: 64, stream, messages: [{ role: 'user', content: 'hello' }] }),
});
console.log(answer.status, answer.headers.get('content-type'), await answer.text());
`;

const usedDocument = z.object({
  routes: z.array(z.object({ gateway: z.string(), provider: z.string(), used: z.object({ day: z.object({ tokens: z.number() }) }) })),
});

/** The gateway of the Mac, in a container and with `credentials: route`: it works, and the key is nowhere in it. */
export function routesInContainers(stage: () => HostsStage, gateway: string, folder: string): void {
  const container = (): string => `lobsterpot-${nameOf(stage())}-gateway-${gateway}`;
  const root = (): string => join(stage().lab.mac.root, folder, nameOf(stage()));
  const planted = () => [{ name: 'model key', value: stage().modelKey }];
  const token = (): string => readFileSync(join(root(), `services/gateway-${gateway}/secrets/gateway_token`), 'utf8').trim();
  const docker = async (...argv: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await stage().lab.mac.run(['docker', ...argv], { timeoutMs: 90_000 });
    assert.equal(code, 0, stdout + stderr);
    return stdout + stderr;
  };
  const keysSeen = async (since: number): Promise<readonly string[]> => {
    const { entries } = await stage().lab.internet.ledger(since);
    const seen = entries.flatMap((one) => (one.kind === 'request' ? [`${one.method} ${one.host}${one.path} ${one.key}`] : []));
    return [...new Set(seen)];
  };

  test('routes: a turn of the agent in a container -> the model is asked with the key of the gate', async () => {
    const since = (await stage().lab.internet.ledger()).entries.at(-1)?.seq ?? 0;
    const said = await docker('exec', '-i', container(), 'node', '/app/openclaw.mjs', ...agentTurnArgs('hello'));
    assert.match(said, /hello from the stand-in model/);
    assert.deepEqual(await keysSeen(since), ['POST api.anthropic.com/v1/messages expected']);
  });

  for (const [how, expected] of [
    ['stream', /^200 text\/event-stream [^]*message_stop/],
    ['whole', /^200 application\/json \{[^]*hello from the stand-in model/],
  ] as const) {
    test(`routes: asked from inside a container, ${how} -> ${expected.source}`, async () => {
      assert.match(await docker('exec', '-i', container(), 'node', '--input-type=module', '-e', ASK, how), expected);
    });
  }

  test('routes: status -> what the gate of that host has counted', async () => {
    const { routes } = usedDocument.parse(parseJson((await stage().cli(['status', '--json'])).stdout));
    assert.deepEqual(
      routes.map((one) => `${one.gateway} ${one.provider}`),
      [`${gateway} anthropic`],
    );
    // A turn and the two requests above, at the least.
    assert.ok(routes.every((one) => one.used.day.tokens >= 3 * 1020));
  });

  test('routes: files, environment, inspect and logs of the container -> no key', async () => {
    const { files, found } = leaksBelow(root(), planted(), () => false);
    assert.ok(files > 10, `${files} files`);
    assert.deepEqual(
      found.map((one) => one.path),
      // The positive control.
      [`services/gate/secrets/${gateway}_key`],
    );
    const pid = (await docker('inspect', '--format', '{{.State.Pid}}', container())).trim();
    const { stdout } = await stage().lab.mac.run(['cat', `/proc/${pid}/environ`], { as: 'root' });
    assert.match(stdout, /OPENCLAW_STATE_DIR=/);
    assert.deepEqual(leaksIn(stdout, planted()), []);
    const search = async (value: string): Promise<string> => {
      const folders = ['config', 'secrets', 'state', 'tmp'].map((one) => `/proc/${pid}/root/${one}`);
      return (await stage().lab.mac.run(['grep', '-rlaF', '-f', '-', ...folders], { as: 'root', stdin: value })).stdout;
    };
    assert.match(await search(token()), /^\/proc\/\d+\/root\/secrets\/gateway_token\n$/);
    assert.equal(await search(stage().modelKey), '');
    assert.deepEqual(leaksIn(await docker('inspect', container()), planted()), []);
    assert.deepEqual(leaksIn(await docker('logs', container()), planted()), []);
  });

  test('routes: all memory of the container -> the token of the gateway, and no key', (t) => {
    const state = join(root(), `services/gateway-${gateway}/state`);
    const { processes, mib, found } = memoryOf(statSync(state).uid, [...planted(), { name: 'gateway token', value: token() }]);
    t.diagnostic(`${mib} MiB of ${processes} processes`);
    assert.ok(processes > 0 && mib > 100, `${mib} MiB of ${processes} processes`);
    assert.deepEqual(found, ['gateway token']);
  });
}
