import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import { ANSWER_MS, askHttp, askLine, isGivenUp, judge, unasked, watchAnswers, type Answer } from './answer-watch.mjs';

const SILENT: readonly ['silent', number] = ['silent', ANSWER_MS];
const LATE: readonly ['silent', number] = ['silent', ANSWER_MS * 60];
const ILL: readonly ['ill', number] = ['ill', 1];
const WELL: readonly ['well', number] = ['well', 9000];

suite('judge: what becomes of a service', () => {
  const cases: ReadonlyArray<readonly [string, boolean, ReadonlyArray<readonly [Answer, number]>, { ready: boolean; givenUp: boolean }]> = [
    ['one good answer', false, [WELL], { ready: true, givenUp: false }],
    ['never ready, and silent', false, [SILENT, SILENT, SILENT, SILENT, SILENT, SILENT], { ready: false, givenUp: false }],
    ['one question without an answer', true, [SILENT], { ready: true, givenUp: false }],
    ['two', true, [SILENT, SILENT], { ready: false, givenUp: false }],
    ['three', true, [SILENT, SILENT, SILENT], { ready: false, givenUp: false }],
    ['four', true, [SILENT, SILENT, SILENT, SILENT], { ready: false, givenUp: true }],
    ['three, and then a slow answer', true, [SILENT, SILENT, SILENT, WELL], { ready: true, givenUp: false }],
    ['a wrong answer between', true, [SILENT, SILENT, ILL, SILENT, SILENT], { ready: false, givenUp: false }],
    ['two wrong answers', true, [ILL, ILL], { ready: true, givenUp: false }],
    ['wrong answers for ever', true, Array.from({ length: 50 }, () => ILL), { ready: false, givenUp: false }],
    ['who asks slept', true, [LATE, LATE, LATE, LATE, LATE], { ready: true, givenUp: false }],
    ['who asks slept in between', true, [SILENT, SILENT, LATE, SILENT], { ready: false, givenUp: false }],
  ];
  for (const [what, ready, answers, expected] of cases) {
    test(`${what} -> ${expected.ready ? 'ready' : 'not ready'}${expected.givenUp ? ', given up' : ''}`, () => {
      const state = answers.reduce((before, [answer, tookMs]) => judge(before, answer, tookMs), unasked(ready));
      assert.deepEqual({ ready: state.ready, givenUp: isGivenUp(state) }, expected);
    });
  }
});

/** A service by the clock of the test: what it answers at each second, and what was heard of it when. */
async function watched(forMs: number, ready: boolean, answerAt: (atMs: number) => Answer, sleptMs = 0): Promise<readonly string[]> {
  let clock = 0;
  let over = (): void => undefined;
  const heard: string[] = [];
  const ended = new Promise<void>((resolve) => (over = resolve));
  const pass = (ms: number): Promise<void> => {
    clock += ms;
    if (clock < forMs) return Promise.resolve();
    over();
    return new Promise(() => undefined);
  };
  const watch = watchAnswers({
    ready,
    now: () => clock,
    pause: pass,
    ask: async () => {
      const answer = answerAt(clock);
      await pass(answer === 'silent' ? ANSWER_MS + sleptMs : 5);
      return answer;
    },
    changed: (is) => heard.push(`${Math.round(clock / 1000)} ${is ? 'ready' : 'not ready'}`),
    gaveUp: (silentMs) => heard.push(`${Math.round(clock / 1000)} given up after ${Math.round(silentMs / 1000)} s`),
  });
  await ended;
  watch.close();
  return heard;
}

suite('watchAnswers', () => {
  test('it becomes ready -> asked four times a second until then', async () => {
    assert.deepEqual(await watched(60_000, false, (at) => (at < 3000 ? 'ill' : 'well')), ['3 ready']);
  });

  test('it hangs -> told within half a minute, given up within a minute, and again if it does not end', async () => {
    assert.deepEqual(await watched(120_000, true, () => 'silent'), ['31 not ready', '53 given up after 43 s', '97 given up after 43 s']);
  });

  test('it hangs for half a minute -> told, and left alone', async () => {
    assert.deepEqual(await watched(120_000, true, (at) => (at > 15_000 && at < 45_000 ? 'silent' : 'well')), ['41 not ready', '53 ready']);
  });

  test('the machine sleeps for an hour in each question -> nothing is heard', async () => {
    assert.deepEqual(await watched(8 * 3_600_000, true, () => 'silent', 3_600_000), []);
  });

  test('close -> it is not asked any more', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let asked = 0;
    const ask = (): Promise<Answer> => Promise.resolve((asked += 1) > 0 ? 'well' : 'ill');
    const watch = watchAnswers({ ask, ready: true, changed: () => undefined, gaveUp: () => undefined });
    t.mock.timers.tick(10_000);
    await new Promise(setImmediate);
    watch.close();
    t.mock.timers.tick(60_000);
    await new Promise(setImmediate);
    assert.equal(asked, 1);
  });
});

suite('askHttp, askLine', () => {
  const cases: ReadonlyArray<readonly [string, (socket: Socket) => void, Answer, Answer]> = [
    ['a good answer', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'), 'well', 'well'],
    ['a bad one', (socket) => socket.end('HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n'), 'ill', 'well'],
    ['the end of the connection', (socket) => socket.end(), 'ill', 'ill'],
    ['nothing', () => undefined, 'silent', 'silent'],
  ];
  for (const [what, answer, http, line] of cases) {
    test(`${what} -> ${http} by HTTP, ${line} by a line`, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-ask-'));
      const path = join(folder, 'socket');
      const open = new Set<Socket>();
      const server = createServer((socket) => {
        open.add(socket);
        socket.on('error', () => undefined).once('data', () => answer(socket));
      });
      t.after(() => {
        for (const socket of open) socket.destroy();
        server.close();
        rmSync(folder, { recursive: true });
      });
      await new Promise<void>((resolve) => server.listen(path, resolve));
      // Where an answer comes, however busy this process is with the other tests meanwhile.
      const limitMs = http === 'silent' ? 200 : 5000;
      assert.deepEqual([await askHttp({ path }, '/', limitMs), await askLine({ path }, '{}', limitMs)], [http, line]);
    });
  }

  test('nobody listens -> ill, at once', async () => {
    const at = { path: join(tmpdir(), 'lobsterpot-ask-none') };
    assert.deepEqual([await askHttp(at, '/'), await askLine(at, '{}')], ['ill', 'ill']);
  });

  test('a port where nobody listens -> ill', async () => {
    assert.equal(await askHttp({ host: '127.0.0.1', port: 1 }, '/'), 'ill');
  });
});
