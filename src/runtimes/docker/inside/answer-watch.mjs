// answer-watch.mjs: asks a running service again and again whether it answers, and says when it does not any more.
// A container's launcher imports it, and so does the supervisor of local processes.
import { request } from 'node:http';
import { connect } from 'node:net';

const STARTING_MS = 250;
const EVERY_MS = 10_000;
const AGAIN_MS = 1000;
/** So long one answer may take: a busy machine is slow, and what is slow is not gone. */
export const ANSWER_MS = 10_000;
/** Whoever hears of a time limit so much too late did not run either, on a laptop that slept for one: nothing is learned from it. */
const LATE_MS = 2000;
/** Answers in a row that were no good ones, and questions in a row that got none, after which it is not ready any more. */
const MISSED = 3;
const SILENT = 2;
/** Questions in a row without any answer after which it is given up: with their pauses 43 seconds. */
const GIVEN_UP = 4;

/** The state before anything was asked; `ready`: it said so itself. */
export function unasked(ready) {
  return { ready, wasReady: ready, missed: 0, silent: 0 };
}

/** The state after one more answer: `well`, `ill` (something came, and not what should) or `silent`, `tookMs` after it was asked for. Pure. */
export function judge(before, answer, tookMs) {
  if (answer === 'well') return unasked(true);
  if (answer === 'silent' && tookMs > ANSWER_MS + LATE_MS) return before;
  const missed = before.missed + 1;
  const silent = answer === 'silent' ? before.silent + 1 : 0;
  return { ...before, ready: before.ready && missed < MISSED && silent < SILENT, missed, silent };
}

/** Is it to be ended? What never was ready may still be about to begin. Pure. */
export function isGivenUp({ wasReady, silent }) {
  return wasReady && silent >= GIVEN_UP;
}

function pauseMs({ wasReady, missed }) {
  if (!wasReady) return STARTING_MS;
  return missed > 0 ? AGAIN_MS : EVERY_MS;
}

/**
 * Asks at once (or later, if it is ready already) and then again and again. `changed` hears whether it is ready, `gaveUp` for how long nothing
 * came when it is to be ended; asked on after that, in case it was not.
 */
export function watchAnswers({ ask, ready, changed, gaveUp, pause, now = () => performance.now() }) {
  let state = unasked(ready);
  let closed = false;
  let timer;
  const wait = pause ?? ((ms) => new Promise((resolve) => (timer = setTimeout(resolve, ms))));
  void (async () => {
    let heardAt = now();
    if (ready) await wait(EVERY_MS);
    for (;;) {
      const askedAt = now();
      const answer = await ask();
      if (closed) return;
      const before = state;
      state = judge(before, answer, now() - askedAt);
      // Since the first question without an answer.
      if (state.silent === 0) heardAt = now();
      else if (state.silent === 1) heardAt = askedAt;
      if (state.ready !== before.ready) changed(state.ready);
      if (isGivenUp(state)) {
        await gaveUp(now() - heardAt);
        state = { ...state, silent: 0 };
      }
      await wait(pauseMs(state));
      if (closed) return;
    }
  })();
  return {
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
}

/** GET of a path: `well` is 200. `at`: a socket's `path`, or `host` and `port`. */
export function askHttp(at, path, limitMs = ANSWER_MS) {
  return within(limitMs, (done) => {
    const to = at.path === undefined ? at : { socketPath: at.path };
    const call = request({ ...to, path, headers: { host: 'localhost', connection: 'close' } }, (answer) => {
      answer.resume();
      done(answer.statusCode === 200 ? 'well' : 'ill');
    });
    call.end();
    return call;
  });
}

/** One line: whatever is said to it is an answer. */
export function askLine(at, line, limitMs = ANSWER_MS) {
  return within(limitMs, (done) => {
    const socket = connect(at, () => socket.write(`${line}\n`));
    return socket.once('data', () => {
      done('well');
      socket.destroy();
    });
  });
}

/** What `begin` calls back with, `ill` when its connection ends before, `silent` at the time limit, which ends the connection. */
function within(limitMs, begin) {
  return new Promise((resolve) => {
    let isFull = false;
    const connection = begin(resolve);
    const limit = setTimeout(() => {
      resolve('silent');
      connection.destroy();
    }, limitMs);
    connection.on('error', ({ code }) => {
      // So many wait for whoever does not take them in that there is no room for one more: that is silence.
      isFull = code === 'EAGAIN';
    });
    connection.on('close', () => {
      if (isFull) return;
      clearTimeout(limit);
      resolve('ill');
    });
  });
}
