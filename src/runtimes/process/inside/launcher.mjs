// launcher.mjs SPEC: the sealed parent of one service. Joins loopback ports and Unix sockets, starts the service,
// ends with it. SPEC (JSON): {command, env, cwd, home, graceMs, listeners: [{fd, toPort?}], forwards: [{port, socket}], names?, stdin?}.
// `names`: the socket to which DNS questions go.
// Descriptor 3 is the life line (its end: stop the service), or with `stdin` the command's input.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { connect, createServer, Socket } from 'node:net';

const LIFE_LINE = 3;
const SIGNALS = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};
const spec = JSON.parse(process.argv[2]);

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

function forward(from, to) {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    join(client, connect({ ...to, allowHalfOpen: true }));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(from, resolve);
  });
}

function fail(error) {
  process.stderr.write(`lobsterpot: step launch: ${error.message}\n`);
  process.exit(125);
}

mkdirSync(spec.home, { recursive: true, mode: 0o700 });
const handedOn = spec.listeners.filter((one) => one.toPort === undefined);
await Promise.all([
  ...spec.listeners.filter((one) => one.toPort !== undefined).map(({ fd, toPort }) => forward({ fd }, { host: '127.0.0.1', port: toPort })),
  ...spec.forwards.map(({ port, socket }) => forward({ host: '127.0.0.1', port }, { path: socket })),
]).catch(fail);

if (spec.names !== undefined) {
  // It lies beside this program inside; in the sources it is the containers' too.
  const { answerNames } = await import(new URL('names.mjs', import.meta.url));
  answerNames('127.0.0.1', { path: spec.names });
}

// The service gets a life line of this process and its own descriptors under the same numbers; no other.
const stdio = [spec.stdin ? LIFE_LINE : 'ignore', 'inherit', 'inherit'];
for (const { fd } of handedOn) {
  while (stdio.length < fd) stdio.push(stdio.length === LIFE_LINE ? 'pipe' : 'ignore');
  stdio[fd] = fd;
}
const [command, ...args] = spec.command;
const child = spawn(command, args, { cwd: spec.cwd, env: spec.env, stdio });
child.on('error', fail);
child.on('exit', (code, signal) => process.exit(code ?? 128 + (SIGNALS[signal] ?? 0)));

let stopping = false;
function stop() {
  if (stopping) return;
  stopping = true;
  child.stdio[LIFE_LINE]?.destroy();
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), spec.graceMs);
}
process.on('SIGTERM', stop);
if (!spec.stdin) {
  const line = new Socket({ fd: LIFE_LINE, readable: true, writable: false });
  line.on('end', stop).on('error', stop).on('close', stop).resume();
}
