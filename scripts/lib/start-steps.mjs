import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { npm } from './npm.mjs';
import { endProcessesOf, endProcessesThatName } from './processes.mjs';
import { root } from './root.mjs';
import { say } from './say.mjs';

const EXAMPLE_PORT = 18_789;
const AGAIN_MS = 3000;
const USER = 61_801;
const DROP = ['setpriv', '--reuid', String(USER), '--regid', String(USER), '--clear-groups', '--inh-caps=-all', '--'];

/**
 * The README's first minute, from a fresh clone of what is committed and with an empty HOME: npm start, again, a
 * command on the node, the status, and everything removed. As root and as an ordinary user.
 * `step(title, argv, { env, cwd, check })` runs one command; `check` gives what is wrong with its answer.
 */
export async function startSteps({ scratch, step, clean, fault }) {
  const identities = process.getuid() === 0 ? [{ who: 'root' }, { who: 'an ordinary user', uid: USER }] : [{ who: 'an ordinary user' }];
  for (const one of identities) {
    if (!(await isFree(EXAMPLE_PORT))) {
      fault(
        `port ${EXAMPLE_PORT} is taken on this machine\n  cause: the example's Control UI listens there\n  fix:   end what listens (ss -ltnp 'sport = :${EXAMPLE_PORT}'), then: .ci/run start`,
      );
      return;
    }
    await startAs(one, { folder: join(scratch, `start-${one.uid ?? 'own'}`), step, clean, fault });
  }
}

async function startAs({ who, uid }, { folder, step, clean, fault }) {
  const [clone, home] = [join(folder, 'lobsterpot'), join(folder, 'home')];
  const drop = uid === undefined ? [] : DROP;
  mkdirSync(home, { recursive: true });
  try {
    await step(`clone, as ${who}`, ['git', 'clone', '--quiet', '--no-hardlinks', root, clone]);
    if (uid !== undefined) {
      spawnSync('chown', ['-R', `${uid}:${uid}`, folder]);
      // The folder above is root's own: its user must be able to walk through it.
      spawnSync('chmod', ['0711', join(folder, '..')]);
    }
    const here = { env: clean({ HOME: home }), cwd: clone };
    const run = (title, argv, check) => step(`${title}, as ${who}`, [...drop, ...argv], { ...here, check });
    const npx = (...args) => ['npx', '--no', '--', 'lobsterpot', ...args];
    const cold = await run('npm start', [...npm(), 'start'], ({ all }) => says(all, `http://127.0.0.1:${EXAMPLE_PORT}`));
    say(`the cold start took ${(cold.ms / 1000).toFixed(1)} s, as ${who}`);
    const npmMs = timeOf([...drop, ...npm(), '--version'], here);
    await run('npm start again', [...npm(), 'start'], ({ all, ms }) => says(all, 'nothing to do') ?? within(ms - npmMs, AGAIN_MS));
    await run('npx lobsterpot exec', npx('exec', 'nas', '--', '/usr/bin/uname', '-n'), ({ stdout }) => is(stdout, 'nas\n'));
    await run('npx lobsterpot status', npx('status'));
    await run('npx lobsterpot destroy', npx('destroy', '--confirm', 'home'));
  } finally {
    const left = [...endProcessesThatName(folder), ...(uid === undefined ? [] : endProcessesOf(uid))];
    if (left.length > 0)
      fault(`${left.length} processes were left running, as ${who}:\n${left.map((line) => line.slice(0, 200)).join('\n')}`);
    // What is installed is sealed: not even its owner may clear it away at once.
    spawnSync('chmod', ['-R', 'u+rwX', folder]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function says(text, words) {
  return text.includes(words) ? undefined : `it did not say "${words}"`;
}

function is(text, words) {
  return text === words ? undefined : `it said ${JSON.stringify(text)} and not ${JSON.stringify(words)}`;
}

function within(ms, limitMs) {
  return ms <= limitMs ? undefined : `it took ${Math.round(ms)} ms beyond npm's own start, and ${limitMs} ms is the limit`;
}

function timeOf([file, ...args], options) {
  const began = performance.now();
  spawnSync(file, args, { ...options, stdio: 'ignore', timeout: 60_000 });
  return performance.now() - began;
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
