import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../src/core/wait.ts';
import { connectThrough, get, readAll, talk } from '../gate-client.ts';
import { API, MAIN, decisions, gateWith, lab, ledgerMark, statusOf, tunnelTo } from './setup.ts';

test('slow heads: cut at the time limit, others are served meanwhile', async () => {
  const gate = await gateWith([API], { limits: { headMs: 500, perClient: 40 } });
  const slow = await Promise.all(
    Array.from({ length: 30 }, async () => {
      const socket = connect({ path: gate.path(MAIN) });
      await once(socket, 'connect');
      socket.write('CONNECT ');
      return readAll(socket);
    }).concat([get(await tunnelTo(gate), API)]),
  );
  assert.match(slow.pop() ?? '', /^HTTP\/1\.1/);
  for (const answer of slow) assert.match(answer, /^HTTP\/1\.1 400 .*time limit/s);
});

test('a flood of one client: turned away over its limit, the other client is served', async () => {
  const gate = await gateWith([API], { limits: { perClient: 20, connections: 60 } });
  const flood = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const socket = connect({ path: gate.path('node-nas') });
      socket.on('error', () => {});
      await once(socket, 'connect');
      return socket;
    }),
  );
  await sleep(200);
  assert.match(await get(await tunnelTo(gate), API), /^HTTP\/1\.1/);
  const status = await statusOf(gate);
  assert.ok(status.connections <= 21, String(status.connections));
  const limits = await until(
    async () => {
      const found = decisions(gate).filter((line) => line['reason'] === 'limit');
      return found.length > 0 ? found : undefined;
    },
    { timeoutMs: 3000, everyMs: 50 },
  );
  assert.ok(limits && limits.length <= 3, String(limits?.length));
  assert.match(String(limits[0]?.['detail']), /^80 connections turned away \(client-limit\)$/);
  for (const socket of flood) socket.destroy();
  const free = await until(async () => ((await statusOf(gate)).connections === 0 ? true : undefined), { timeoutMs: 3000, everyMs: 50 });
  assert.equal(free, true);
});

test('a flood of names: answered all, recorded within a budget, counted, and pending stays bounded', async () => {
  const gate = await gateWith([API]);
  for (let round = 0; round < 20; round += 1) {
    const codes = await Promise.all(
      Array.from({ length: 50 }, async (_one, index) => (await connectThrough(gate.path(MAIN), `n${round}-${index}.evil.test:443`)).code),
    );
    assert.deepEqual(new Set(codes), new Set([403]));
  }
  const counted = await until(async () => decisions(gate).find((line) => line['reason'] === 'limit'), { timeoutMs: 3000, everyMs: 50 });
  assert.match(String(counted?.['detail']), /^\d+ more denials than are recorded one by one$/);
  const recorded = decisions(gate).length;
  assert.ok(recorded >= 300 && recorded < 400, String(recorded));
  assert.equal((await statusOf(gate)).denied, 1000);
});

test('a flood of allowed connections: refused once their records are used up, so that nothing passes unrecorded', async () => {
  const gate = await gateWith([API]);
  const codes: number[] = [];
  for (let round = 0; round < 75; round += 1) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => connectThrough(gate.path(MAIN), `${API}:443`)));
    for (const { code, socket } of answers) {
      codes.push(code);
      socket.destroy();
    }
  }
  const allowed = (): number => decisions(gate).filter((line) => line['verdict'] === 'allow').length;
  await until(async () => (allowed() >= 3600 ? true : undefined), { timeoutMs: 3000, everyMs: 100 });
  const opened = codes.filter((code) => code === 200).length;
  assert.ok(opened >= 3600 && opened < 3750, String(opened));
  assert.equal(codes.at(-1), 503);
  assert.ok(allowed() <= 3650, String(allowed()));
  assert.match(String(decisions(gate).find((line) => line['reason'] === 'limit')?.['detail']), /^more connections than are recorded/);
  assert.match(await get(await tunnelTo(gate, API, 'node-nas'), API), /^HTTP\/1\.1/);
});

test('clients that never read, say nothing, go away at once, or ask who is silent: others are served meanwhile', async () => {
  const gate = await gateWith([API]);
  const open = await Promise.all(
    Array.from({ length: 160 }, async (_, index) => {
      const socket = connect({ path: gate.path('node-nas') });
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.pause();
      // A quarter says nothing; the others have a tunnel, and say what they want, nothing more, or end it roughly.
      if (index % 4 > 0) socket.write(`CONNECT ${API}:443 HTTP/1.1\r\nHost: ${API}\r\n\r\n`);
      if (index % 4 === 3) socket.destroy();
      return socket;
    }),
  );
  const times = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const began = performance.now();
      assert.match(await get(await tunnelTo(gate), API), /^HTTP\/1\.1/);
      return performance.now() - began;
    }),
  );
  const middle = times.toSorted((a, b) => a - b)[10] ?? Infinity;
  assert.ok(middle < 1000, `${Math.round(middle)} ms`);
  for (const socket of open) socket.destroy();
  const free = await until(async () => ((await statusOf(gate)).connections === 0 ? true : undefined), { timeoutMs: 3000, everyMs: 50 });
  assert.equal(free, true);
});

test('garbage of all kinds: the gate lives, nothing reaches anybody, and good requests pass', async () => {
  const gate = await gateWith([API], { limits: { headMs: 300, helloMs: 300 } });
  const before = await ledgerMark();
  const pieces = [
    'CONNECT ',
    'api.anthropic.com:443',
    'evil.test:443',
    ' HTTP/1.1',
    '\r\n',
    '\r\n\r\n',
    '\u0000',
    'Host: ',
    'GET http://evil.test/',
    '\u0016\u0003\u0001',
    'Content-Length: 9',
    '\n',
    '[::1]:443',
    ' ',
  ];
  const random = mulberry(7);
  const garbage = (): string =>
    Array.from({ length: 1 + Math.floor(random() * 9) }, () => pieces[Math.floor(random() * pieces.length)] ?? '').join('');
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(Array.from({ length: 30 }, () => talk(gate.path(MAIN), Buffer.from(garbage(), 'latin1'))));
    await talk(gate.path('control'), `${garbage()}\n`, 50);
  }
  const reached = (await lab.ledger(before)).entries.filter((entry) => entry.kind === 'tls' || entry.kind === 'request');
  assert.deepEqual(reached, []);
  assert.match(await get(await tunnelTo(gate), API), /^HTTP\/1\.1/);
});

/** A small seeded generator, so that a failing run can be run again. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
