import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type Socket, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type TestContext, test } from 'node:test';
import { Attempt } from './attempt.ts';
import { dnsFrame, readDnsFrame } from './dns-frame.ts';
import { Gate } from './gate.ts';
import { serveNames } from './serve-names.ts';
import { parseSettings } from './settings.ts';
import { questionBytes } from './testing/question-bytes.ts';

/** A connection to a gate that serves names on it. */
async function asker(t: TestContext): Promise<{ readonly gate: Gate; readonly socket: Socket }> {
  const folder = mkdtempSync(join(tmpdir(), 'gate-names-'));
  const at = (name: string): string => join(folder, name);
  const settings = parseSettings(
    JSON.stringify({
      version: 1,
      listeners: [{ kind: 'egress', client: 'a', path: at('a') }],
      policyFile: at('p'),
      overridesFile: at('o'),
      trail: { folder: at('t') },
      limits: { headMs: 2000 },
    }),
  );
  assert.ok(!('invalid' in settings));
  const gate = new Gate(settings, () => undefined);
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    void serveNames(new Attempt(gate, 'a', socket));
  });
  server.listen(at('a'));
  await once(server, 'listening');
  const socket = connect(at('a'));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  t.after(() => {
    socket.destroy();
    server.close();
    gate.trail.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { gate, socket };
}

test('serveNames: a flood -> all answered, and the gate is never busy with it for long', async (t) => {
  const { gate, socket } = await asker(t);
  const questions = 5000;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  socket.write(Buffer.concat(Array.from({ length: questions }, (_, index) => dnsFrame(questionBytes(`n${index}.test`, 16)))));
  let bytes = Buffer.alloc(0);
  let answers = 0;
  for await (const chunk of socket) {
    bytes = Buffer.concat([bytes, Buffer.from(chunk)]);
    for (let frame = readDnsFrame(bytes); frame && 'message' in frame; frame = readDnsFrame(bytes)) {
      answers += 1;
      bytes = bytes.subarray(frame.length);
    }
    if (answers === questions) break;
  }
  delay.disable();
  assert.equal(answers, questions);
  assert.equal(gate.status().denied, questions);
  // The records of the first few hundred are what takes longest.
  t.diagnostic(`p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms, most ${(delay.max / 1e6).toFixed(1)} ms`);
  assert.ok(delay.percentile(99) < 50e6);
});
