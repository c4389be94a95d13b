// disk-watch.mjs: watches what a folder holds and what is free where it lies, and says when its service must not write any more.
// A container's launcher imports it, and so does the supervisor of local processes.
import { execFile } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';

const EVERY_MS = 10_000;
/** A measurement may cost so large a part of the time: one in twenty. */
const COST = 20;
const FIRST_MS = 5000;
/** The longest that one measurement may take. */
export const MEASURE_MS = 300_000;
/** Failures in a row after which what cannot be measured counts as too much. */
const FAILURES = 3;
const GIB_IN_KIB = 1024 ** 2;
/** Room again means a little less than the limit: a service at its edge would come and go. */
const BACK_BELOW = 0.95;
const BACK_ABOVE = 1.25;
const FIRST_PAUSE_MS = 30_000;
const MOST_PAUSE_MS = 900_000;
/** After so long a good run an earlier hold is forgotten. */
const CALM_MS = 600_000;

/**
 * Measures the folder that it runs in: blocks really used, no link followed. Not held to one file system (-x): on an overlay every file
 * seems to lie on another one than its folder, and counted nothing (measured). No service can mount anything below its own folder.
 */
export const MEASURE = ['du', '-s', '-k', '.'];
/** So that its complaints are in the words that `readMeasure` knows. */
export const MEASURE_ENV = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };

/** What the measurement said: `usedKiB`, or `failed` with the reason. Pure. */
export function readMeasure({ stdout, stderr, timedOut }) {
  if (timedOut) return { failed: 'it took too long' };
  // What is removed while it is looked at is no fault; a folder closed even to its owner could hide anything.
  const wrong = stderr.split('\n').find((line) => line !== '' && !line.endsWith('No such file or directory'));
  if (wrong !== undefined) return { failed: wrong.slice(0, 120) };
  const used = /^(\d+)\s/.exec(stdout)?.[1];
  return used === undefined ? { failed: 'no size was told' } : { usedKiB: Number(used) };
}

/** Free room from what `statfs` tells. Pure. */
export function readRoom({ bsize, blocks, bavail, files, ffree }) {
  const kib = (count) => Math.floor((count * bsize) / 1024);
  // A file system that counts no files has as many as it likes.
  return { freeKiB: kib(bavail), sizeKiB: kib(blocks), fewFiles: files > 0 && ffree < files / 50 };
}

/** Less free than this, and who may write is ended: 1 GiB, on a small file system 2 %. Pure. */
export function leastFreeKiB(sizeKiB) {
  return Math.min(GIB_IN_KIB, Math.ceil(sizeKiB / 50));
}

/** The state before anything was looked at; `place` is the folder's name for people. */
export function unmeasured(limitMiB, place) {
  return { place, limitKiB: limitMiB * 1024, failures: 0, holds: 0 };
}

/** The state after one more reading. `held` is why the service must not run. Pure. */
export function judge(before, reading, nowMs) {
  const { held, ...rest } = { ...before, ...taken(before, reading, nowMs) };
  const reason = reasonToHold(rest, held !== undefined);
  if (held === undefined) {
    if (reason === undefined) return rest;
    const again = before.sinceMs !== undefined && nowMs - before.sinceMs < CALM_MS;
    return { ...rest, held: reason, sinceMs: nowMs, holds: again ? before.holds + 1 : 1 };
  }
  if (reason !== undefined) return { ...rest, held: reason };
  const left = before.sinceMs + pauseMs(before.holds) - nowMs;
  if (left <= 0) return { ...rest, sinceMs: nowMs };
  const times = `it was too full ${before.holds} times in a row`;
  return { ...rest, held: `there is room again: ${times}, it is started again in ${Math.ceil(left / 1000)} s` };
}

function taken(before, reading, nowMs) {
  if ('failed' in reading) return { failures: before.failures + 1, failed: reading.failed };
  return 'usedKiB' in reading ? { ...reading, atMs: nowMs, failures: 0 } : reading;
}

function reasonToHold({ place, limitKiB, usedKiB = 0, freeKiB, sizeKiB, fewFiles, failures, failed }, held) {
  if (usedKiB > limitKiB * (held ? BACK_BELOW : 1)) {
    return `its folder holds ${sizeText(usedKiB)}, its limit is ${sizeText(limitKiB)}: remove files below ${place}, or set a higher disk for it`;
  }
  if (freeKiB !== undefined && freeKiB < leastFreeKiB(sizeKiB) * (held ? BACK_ABOVE : 1)) {
    return `only ${sizeText(freeKiB)} of ${sizeText(sizeKiB)} are free where its folder lies: make room on the file system of ${place}`;
  }
  if (fewFiles === true) return `the file system of ${place} takes almost no more files: remove some`;
  if (failures >= FAILURES) return `what its folder holds cannot be measured (${failed}): look at ${place}`;
  return undefined;
}

function pauseMs(holds) {
  return holds < 2 ? 0 : Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (holds - 2));
}

function sizeText(kib) {
  return kib < GIB_IN_KIB ? `${Math.round(kib / 1024)} MiB` : `${Math.round((kib / GIB_IN_KIB) * 10) / 10} GiB`;
}

/**
 * Looks at once and then again and again; `changed` hears when the service must be ended and when it may run again, `told` each new state.
 * `first` is done when both was looked at, or after five seconds: then what it holds is judged as soon as it is known.
 */
export function watchDisk({ limitMiB, place, measure, room, changed, told = () => undefined, everyMs = EVERY_MS }) {
  let state = unmeasured(limitMiB, place);
  let closed = false;
  const timers = new Set();
  const pause = (ms) =>
    new Promise((resolve) => {
      const timer = setTimeout(() => resolve(timers.delete(timer)), ms);
      timers.add(timer);
    });
  const take = (reading) => {
    if (closed) return;
    const { held } = state;
    state = judge(state, reading, Date.now());
    told(state);
    if ((held === undefined) !== (state.held === undefined)) changed();
  };
  const repeat = (look) =>
    new Promise((looked) => {
      void (async () => {
        for (;;) {
          if (closed) return;
          const began = performance.now();
          const reading = await look();
          const tookMs = Math.round(performance.now() - began);
          take('usedKiB' in reading ? { ...reading, tookMs } : reading);
          looked();
          await pause(Math.max(everyMs, COST * tookMs));
        }
      })();
    });
  const failed = (error) => ({ failed: error.message });
  const both = Promise.all([repeat(() => measure().then(readMeasure, failed)), repeat(() => room().then(readRoom, failed))]);
  return {
    first: Promise.race([both, pause(FIRST_MS)]),
    state: () => state,
    close: () => {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/** Measures a folder by a program of this container. */
export function measureFolder(folder) {
  const [command, ...args] = MEASURE;
  const options = { cwd: folder, env: MEASURE_ENV, timeout: MEASURE_MS, killSignal: 'SIGKILL' };
  return new Promise((resolve) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      const absent = typeof error?.code === 'string' ? error.message : '';
      resolve({ stdout, stderr: stderr + absent, timedOut: error?.killed === true });
    });
  });
}

/** Leaves word of the state in a file, for whoever asks for the container's health. */
export function tellDisk(path, { atMs, tookMs, usedKiB, limitKiB, freeKiB, sizeKiB, held }) {
  try {
    writeFileSync(`${path}.tmp`, JSON.stringify({ atMs, tookMs, usedKiB, limitKiB, freeKiB, sizeKiB, held }), { mode: 0o600 });
    renameSync(`${path}.tmp`, path);
  } catch {
    // The word that is there grows old, which is noticed.
  }
}

/** Ends everything else in this container, however it was left behind; where it is not sure to be one of its own, the child alone. */
export function endEverything(child) {
  try {
    if (process.ppid === 1) process.kill(-1, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // Nothing was left.
  }
}
