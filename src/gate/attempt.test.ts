import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../core/wait.ts';
import { renderPolicy } from '../policy/policy-file.ts';
import type { Rule, Target, Verdict } from '../policy/policy.ts';
import { Attempt } from './attempt.ts';
import { dial } from './dial.ts';
import { Gate } from './gate.ts';
import { parseSettings } from './settings.ts';

const WITHIN = { timeoutMs: 2000, everyMs: 2 };
const ALLOWED: Verdict = { allowed: true, reason: 'rule' };

async function listening(t: TestContext): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}

type Wire = {
  readonly gate: Gate;
  readonly client: Socket;
  readonly accepted: Socket;
  readonly server: Socket;
  /** What the server was sent so far. */
  readonly heard: () => string;
  readonly pass: () => void;
  /** The policy is another one, in which nothing is allowed. */
  readonly forbid: () => void;
  readonly records: () => readonly string[];
};

/** client - gate - server, with what the client says first on its way; nothing passes before `pass`. */
async function wire(t: TestContext, trailAt = 'trail'): Promise<Wire> {
  const folder = mkdtempSync(join(tmpdir(), 'gate-attempt-'));
  const settings = parseSettings(
    JSON.stringify({
      version: 1,
      listeners: [{ kind: 'egress', client: 'a', path: join(folder, 'a') }],
      policyFile: join(folder, 'p'),
      overridesFile: join(folder, 'o'),
      trail: { folder: join(folder, trailAt) },
      audit: 'required',
    }),
  );
  assert.ok(!('invalid' in settings));
  writeFileSync(join(folder, 'a file'), '');
  const allow: readonly Rule[] = [{ host: 'a.example', port: 443, source: 'test' }];
  const allowOnly = (rules: readonly Rule[]): void =>
    writeFileSync(join(folder, 'p'), renderPolicy({ version: 1, deployment: 'home', mode: 'enforce', allow: rules, deny: [] }));
  allowOnly(allow);
  const gate = new Gate(settings, () => {});
  gate.reload();
  // The far end is on this host, which no policy opens.
  t.mock.method(gate, 'judgeAddress', () => ALLOWED);
  const [front, back] = [await listening(t), await listening(t)];
  const client = connect({ port: portOf(front), allowHalfOpen: true });
  const [accepted] = await once(front, 'connection');
  const attempt = new Attempt(gate, 'a', accepted);
  const arriving = once(back, 'connection');
  const upstream = await dial(['127.0.0.1'], portOf(back), 2000, attempt.intake);
  assert.ok('socket' in upstream);
  const [server] = await arriving;
  for (const socket of [client, accepted, server]) socket.on('error', () => {});
  let text = '';
  server.on('data', (bytes: Buffer) => (text += bytes.toString()));
  client.write('question');
  await until(async () => accepted.bytesRead > 0 || undefined, WITHIN);
  const target: Target = { host: 'a.example', port: 443, kind: 'name' };
  t.after(() => {
    client.destroy();
    server.destroy();
    gate.trail.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    gate,
    client,
    accepted,
    server,
    heard: () => text,
    forbid: () => {
      allowOnly([]);
      gate.reload();
    },
    pass: () => attempt.pass(target, upstream, { via: 'connect', host: target.host, port: target.port }, ALLOWED),
    records: () =>
      readdirSync(join(folder, trailAt))
        .flatMap((name) =>
          readFileSync(join(folder, trailAt, name), 'utf8')
            .trimEnd()
            .split('\n'),
        )
        .flatMap((line) => /"(?:verdict|why)":"(\w+)"/.exec(line)?.[1] ?? []),
  };
}

test('Attempt.pass: its record is written -> only then a byte passes, and its end is recorded', async (t) => {
  const { gate, client, server, heard, pass, records } = await wire(t);
  const { seq } = gate.trail.head;
  pass();
  assert.equal(gate.trail.head.seq, seq);
  await until(async () => heard() === 'question' || undefined, WITHIN);
  assert.deepEqual(records(), ['allow']);
  client.end();
  server.end();
  await until(async () => records().length === 2 || undefined, WITHIN);
  assert.deepEqual([records(), gate.tunnels.list(0)], [['allow', 'closed'], []]);
});

for (const [how, end] of [
  ['the policy changes', ({ forbid }: Wire) => forbid()],
  ['an operator ends it', ({ gate }: Wire) => void gate.tunnels.end(() => 'operator')],
] as const) {
  test(`Attempt.pass: ${how} before its record is written -> ended and recorded once, and nothing passed`, async (t) => {
    const made = await wire(t);
    const { gate, server, heard, pass, records } = made;
    pass();
    end(made);
    await until(async () => server.readableEnded || server.closed || undefined, WITHIN);
    await sleep(50);
    assert.deepEqual([records(), heard(), gate.tunnels.list(0)], [['allow', how === 'the policy changes' ? 'policy' : 'operator'], '', []]);
  });
}

test('Attempt.pass: the client is gone before its record is written -> the server is let go of, and its end recorded once', async (t) => {
  const { gate, server, pass, records, accepted } = await wire(t);
  pass();
  accepted.destroy();
  await until(async () => server.readableEnded || server.closed || undefined, WITHIN);
  await sleep(50);
  assert.deepEqual([records(), gate.tunnels.list(0)], [['allow', 'closed'], []]);
});

test('Attempt.pass: its record cannot be written -> nothing passes, both sides are closed', async (t) => {
  const { gate, client, server, heard, pass } = await wire(t, 'a file');
  pass();
  await until(async () => server.readableEnded || server.closed || undefined, WITHIN);
  const [answer] = await once(client, 'data');
  assert.match(String(answer), /no-audit/);
  await sleep(20);
  assert.deepEqual([heard(), gate.tunnels.list(0)], ['', []]);
});
