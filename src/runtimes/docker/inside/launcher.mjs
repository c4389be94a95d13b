// launcher.mjs SPEC [beside|alone COMMAND...]: the first program of a container. Joins loopback ports and the deployment's
// networks, starts the service, says when it is ready, ends it when it does not answer any more, ends with it; while the service's folder
// holds too much it is ended and this stays.
// SPEC: a JSON file, its `launch` is read (see launch.ts).
// `alone`: runs another command with the service's forwards and this program's stdin; `beside`: the running service's launcher
// has the forwards already. `connect ADDRESS:PORT` or `connect PATH`: joins stdin and stdout with it.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { constants, uptime } from 'node:os';
import { askHttp, askLine, watchAnswers } from './answer-watch.mjs';
import { endEverything, measureFolder, tellDisk, watchDisk } from './disk-watch.mjs';
import { answerNames } from './names.mjs';

const READY = '/run/lobsterpot/ready';
const DISK = '/run/lobsterpot/disk';
const READY_EVERY_MS = 10_000;
const READY_FOR_S = 30;
const LIFE_LINE = 3;
const RUNNING_AFTER_MS = 1500;
const HOLD_GRACE_MS = 5000;
const HUNG_GRACE_MS = 5000;
const CONNECT_MS = 10_000;
const BIND_TRIES = 50;
const BIND_EVERY_MS = 200;
const LONGEST_LINE = 4096;

const [, , specFile, mode, ...rest] = process.argv;

function join(a, b) {
  a.pipe(b);
  b.pipe(a);
  for (const [one, other] of [
    [a, b],
    [b, a],
  ]) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}

function fail(error) {
  process.stderr.write(`lobsterpot: step launch: ${error.message}\n`);
  process.exit(125);
}

// After a restart of the engine an address may come a moment later than its container.
async function listen(server, at) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(at, () => {
          server.off('error', reject);
          resolve();
        });
      });
    } catch (error) {
      if (error.code !== 'EADDRNOTAVAIL' || tries === BIND_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, BIND_EVERY_MS));
    }
  }
}

function pass(at, to) {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    const far = connect({ ...to, allowHalfOpen: true });
    const limit = setTimeout(() => far.destroy(), CONNECT_MS);
    far.once('connect', () => clearTimeout(limit)).once('close', () => clearTimeout(limit));
    join(client, far);
  });
  return listen(server, at);
}

/** A listener that the service takes over: what connects before it does is turned away. `drop` gives up this program's copy. */
async function hand(at) {
  const server = createServer((early) => early.destroy());
  const { path } = at;
  if (path === undefined) await listen(server, at);
  else {
    // Renamed before it is closed: closing removes the path that was bound.
    await listen(server, { path: `${path}.tmp` });
    renameSync(`${path}.tmp`, path);
  }
  return { descriptor: server._handle.fd, drop: () => server.close() };
}

function forwards(list) {
  return list.map(({ port, to }) => pass({ host: '127.0.0.1', port }, to));
}

// An engine gives these back in the mode of what lies below them after a restart, whatever was asked for (measured on 20.10).
function closeFolders() {
  for (const folder of ['/tmp', '/run/lobsterpot']) chmodSync(folder, 0o700);
}

// Mode and owner are not the whole truth where a shared folder has an access list: only a write is.
function proveWritable(folder) {
  const path = `${folder}/.lobsterpot-write`;
  try {
    writeFileSync(path, '', { mode: 0o600 });
    rmSync(path);
  } catch (error) {
    // Whoever has no room left must not be started again and again: the watch over the folder says so.
    if (error.code === 'ENOSPC' || error.code === 'EDQUOT') return;
    const what = `uid ${process.getuid()} cannot write its state: ${error.message} (an access list of the host may forbid it)`;
    throw new Error(what, { cause: error });
  }
}

/** Good for a time, and said again before it is over: whoever reads it learns that this program does not hang either. */
function setReady(is) {
  clearInterval(saying);
  if (is) {
    sayReady();
    saying = setInterval(sayReady, READY_EVERY_MS);
  } else rmSync(READY, { force: true });
}

function sayReady() {
  try {
    // By the clock of /proc/uptime, which nobody sets.
    writeFileSync(`${READY}.tmp`, `${Math.floor(uptime()) + READY_FOR_S}\n`);
    renameSync(`${READY}.tmp`, READY);
  } catch {
    // The service left no room there: what was said before is soon over, which is noticed.
  }
}

/** Calls back for each line in which the text stands, across chunks; bounded memory. */
function watchFor(text, stream, onFound) {
  let line = '';
  stream.on('data', (chunk) => {
    line += chunk.toString('utf8');
    if (line.includes(text)) onFound();
    line = line.slice(line.lastIndexOf('\n') + 1).slice(-LONGEST_LINE);
  });
}

/** True without a child: what only forwards runs as long as this does. */
function isRunning(child) {
  return child === undefined || (child.exitCode === null && child.signalCode === null);
}

function watchHealth(health, child) {
  const ready = (is) => isRunning(child) && setReady(is);
  const asking = (ask, isReady) => {
    const watch = watchAnswers({ ask, ready: isReady, changed: ready, gaveUp: (silentMs) => child && giveUp(child, silentMs) });
    child?.once('exit', watch.close);
  };
  if (health.kind === 'http') asking(() => askHttp({ host: '127.0.0.1', port: health.port }, health.path), false);
  else if (health.kind === 'running') setTimeout(() => ready(true), child ? RUNNING_AFTER_MS : 0);
  else {
    let isAsked = false;
    const said = () => {
      if (isAsked) return;
      isAsked = true;
      ready(true);
      if (health.ask) asking(() => askLine(health.ask.at, health.ask.line), true);
    };
    for (const stream of [child.stdout, child.stderr]) watchFor(health.text, stream, said);
  }
}

/** What does not answer any more is ended; with it this container, which the engine starts again. */
function giveUp(child, silentMs) {
  const seconds = Math.round(silentMs / 1000);
  process.stderr.write(`lobsterpot: it has not answered for ${seconds} s: it is ended and started again\n`);
  child.kill('SIGTERM');
  return new Promise((resolve) => {
    child.once('exit', resolve);
    setTimeout(() => resolve(isRunning(child) && child.kill('SIGKILL')), HUNG_GRACE_MS);
  });
}

function run([command, ...args], { env, cwd, graceMs }, stdio, ended = (code) => process.exit(code)) {
  const child = spawn(command, args, { cwd, env, stdio });
  child.on('error', fail);
  let over = false;
  const end = () => {
    if (!over) ended(child.exitCode ?? 128 + (constants.signals[child.signalCode] ?? 0));
    over = true;
  };
  // Its last words are passed on before this ends.
  child.on('close', end);
  child.on('exit', () => setTimeout(end, 1000).unref());
  stop = () => {
    stop = () => undefined;
    stopping = true;
    setReady(false);
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), graceMs);
  };
  return child;
}

/** What the sign to stop does: at first nothing runs that could be asked to end. */
let stop = () => process.exit(0);
let stopping = false;
let saying;
process.on('SIGTERM', () => stop()).on('SIGINT', () => stop());

/** Keeps a service running while there is room for what it writes: `start` starts it and is told when it has ended. */
async function keep({ disk, cwd }, start) {
  let child;
  const isHeld = () => watch?.state().held !== undefined;
  const settle = () => {
    if (child && isHeld()) {
      setReady(false);
      child.kill('SIGTERM');
      setTimeout(() => isHeld() && endEverything(child), HOLD_GRACE_MS);
    } else if (!child && !isHeld()) child = start(ended);
  };
  const ended = (code) => {
    if (!isHeld() || stopping) process.exit(code);
    setReady(false);
    endEverything(child);
    child = undefined;
    stop = () => process.exit(0);
  };
  const changed = () => begun && settle();
  const told = (state) => tellDisk(DISK, state);
  const watch = disk && watchDisk({ ...disk, measure: () => measureFolder(cwd), room: () => statfs(cwd), changed, told });
  let begun = false;
  await watch?.first;
  begun = true;
  settle();
}

async function serve(spec) {
  closeFolders();
  setReady(false);
  proveWritable(spec.cwd);
  for (const address of spec.sinkholes) answerNames(address, spec.recorders?.[address]);
  const passed = spec.listeners.filter((one) => one.kind === 'pass');
  await Promise.all([
    ...passed.flatMap(({ at, toPort }) => at.map((one) => pass(one, { host: '127.0.0.1', port: toPort }))),
    ...forwards(spec.forwards),
  ]);
  if (spec.command.length === 0) {
    watchHealth(spec.health);
    return;
  }
  const handed = spec.listeners.filter((one) => one.kind === 'hand');
  const servers = await Promise.all(handed.map(({ at }) => hand(at)));
  const watched = spec.health.kind === 'ready-line' ? 'pipe' : 'inherit';
  // The service gets a life line of this process and its listeners under the agreed numbers; no other.
  const stdio = ['ignore', watched, watched];
  handed.forEach(({ fd }, index) => {
    while (stdio.length < fd) stdio.push(stdio.length === LIFE_LINE ? 'pipe' : 'ignore');
    stdio[fd] = servers[index].descriptor;
  });
  await keep(spec, (ended) => {
    mkdirSync(spec.home, { recursive: true, mode: 0o700 });
    const child = run(spec.command, spec, stdio, ended);
    for (const server of servers) server.drop();
    if (watched === 'pipe') {
      child.stdout.pipe(process.stdout);
      child.stderr.pipe(process.stderr);
    }
    watchHealth(spec.health, child);
    return child;
  });
}

async function runOther(spec, command, withForwards) {
  closeFolders();
  mkdirSync(spec.home, { recursive: true, mode: 0o700 });
  if (withForwards) await Promise.all(forwards(spec.forwards));
  run(command, spec, ['inherit', 'inherit', 'inherit']);
}

function joinStreams(to) {
  const [host, port] = to.split(':');
  const far = connect({ ...(port === undefined ? { path: to } : { host, port: Number(port) }), allowHalfOpen: true });
  far.on('error', fail).on('close', () => process.exit(0));
  process.stdout.on('error', () => process.exit(0));
  process.stdin.pipe(far).pipe(process.stdout);
}

if (specFile === 'connect') joinStreams(mode);
else {
  const { launch } = JSON.parse(readFileSync(specFile, 'utf8'));
  await (mode === undefined ? serve(launch) : runOther(launch, rest, mode === 'alone')).catch(fail);
}
