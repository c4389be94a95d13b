// launcher.mjs SPEC [beside|alone COMMAND...]: the first program of a container. Joins loopback ports and the deployment's
// networks, starts the service, says when it is ready, ends with it; while the service's folder holds too much it is ended and this stays.
// SPEC: a JSON file, its `launch` is read (see launch.ts).
// `alone`: runs another command with the service's forwards and this program's stdin; `beside`: the running service's launcher
// has the forwards already. `connect ADDRESS:PORT` or `connect PATH`: joins stdin and stdout with it.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { constants } from 'node:os';
import { endEverything, measureFolder, tellDisk, watchDisk } from './disk-watch.mjs';
import { answerNames } from './names.mjs';

const READY = '/run/lobsterpot/ready';
const DISK = '/run/lobsterpot/disk';
const LIFE_LINE = 3;
const ASK_EVERY_MS = 500;
const CHECK_EVERY_MS = 5000;
const ANSWER_MS = 5000;
const RUNNING_AFTER_MS = 1500;
const MISSED_CHECKS = 3;
const HOLD_GRACE_MS = 5000;
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

function setReady(is) {
  if (is) writeFileSync(READY, '');
  else rmSync(READY, { force: true });
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

function answers({ port, path }) {
  return new Promise((resolve) => {
    const ask = {
      host: '127.0.0.1',
      port,
      path,
      headers: { host: 'localhost', connection: 'close' },
      signal: AbortSignal.timeout(ANSWER_MS),
    };
    const call = request(ask, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    call.on('error', () => resolve(false));
    call.end();
  });
}

async function watchHttp(health, child) {
  let missed = 0;
  for (let ready = false; isRunning(child);) {
    const well = await answers(health);
    missed = well ? 0 : missed + 1;
    if (isRunning(child) && well !== ready && (well || missed >= MISSED_CHECKS)) setReady((ready = well));
    await new Promise((resolve) => setTimeout(resolve, ready ? CHECK_EVERY_MS : ASK_EVERY_MS));
  }
}

/** True without a child: what only forwards runs as long as this does. */
function isRunning(child) {
  return child === undefined || (child.exitCode === null && child.signalCode === null);
}

function watchHealth(health, child) {
  const ready = () => isRunning(child) && setReady(true);
  if (health.kind === 'http') void watchHttp(health, child);
  else if (health.kind === 'running') setTimeout(ready, child ? RUNNING_AFTER_MS : 0);
  else for (const stream of [child.stdout, child.stderr]) watchFor(health.text, stream, ready);
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
