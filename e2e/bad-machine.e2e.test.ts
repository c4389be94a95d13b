import assert from 'node:assert/strict';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { PLAIN_PATH, run } from '../src/hosts/run.ts';
import { exampleFile } from './support/deployment-file.ts';
import { fakeOpenClaw } from './support/fake-openclaw.ts';
import { PROGRAM, TYPED } from './support/command-line.ts';
import { problemsOf } from './support/problem-text.ts';
import { processes } from './support/processes.ts';
import { readableProject } from './support/readable-project.ts';
import { sandboxHome } from './support/sandbox-home.ts';
import { smallDisk } from './support/small-disk.ts';

// A machine that is not as it should be: told before or while it matters, and what was there is still there.

const isRoot = process.getuid?.() === 0;
const ORDINARY_USER = 61_078;

const withPort = (port: number): string => exampleFile((document) => document.setIn(['gateways', 'main', 'port'], port));

/** A port that another program listens on, until the scope ends. */
async function takenPort(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) };
}

test('port: in use by another program -> exit 1 before anything is begun', async () => {
  await using taken = await takenPort();
  using here = sandboxHome({ text: withPort(taken.port) });
  const problems = problemsOf(await here.cli(['up', '--yes', '--json'], { timeoutMs: 60_000 }), 1);
  const told = problems.find((one) => one.code === 'preflight/ports');
  assert.match(`${told?.what} ${told?.fix}`, new RegExp(`port ${taken.port} of gateway-main.*lobsterpot\\.yaml`));
  assert.deepEqual([readdirSync(here.state), readdirSync(here.data)], [[], []]);
});

test("folder: another user's -> exit 1, untouched", { skip: isRoot ? false : 'only root can give a folder away' }, async () => {
  using here = sandboxHome();
  mkdirSync(here.root, { recursive: true, mode: 0o700 });
  chownSync(here.root, ORDINARY_USER, ORDINARY_USER);
  for (const args of [['plan'], ['up', '--yes'], ['status'], ['destroy', '--confirm', 'home']]) {
    const [problem] = problemsOf(await here.cli([...args, '--json']), 1);
    assert.equal(problem?.code, 'converge/root-owner');
  }
  assert.deepEqual(readdirSync(here.root), []);
});

test('folder: open to others, or a file in its place -> exit 1, untouched', async () => {
  using here = sandboxHome();
  mkdirSync(here.root, { recursive: true });
  chmodSync(here.root, 0o777);
  const [open] = problemsOf(await here.cli(['plan', '--json']), 1);
  assert.deepEqual([open?.code, open?.fix], ['converge/root-mode', `chmod 700 ${here.root}`]);
  rmSync(here.root, { recursive: true });
  writeFileSync(here.root, 'mine');
  const [file] = problemsOf(await here.cli(['up', '--yes', '--json']), 1);
  assert.equal(file?.code, 'converge/root-not-folder');
  assert.equal(readFileSync(here.root, 'utf8'), 'mine');
});

test('disk: full or read-only while a secret is written -> exit 1, the secret before stays; up does not begin', async () => {
  using here = sandboxHome();
  using disk = await smallDisk(here.state, 64 * 1024);
  const cli = here.cliAs([...disk.prefix, ...TYPED]);
  const inside = (command: string) =>
    run([...disk.prefix, '/bin/sh', '-c', command, 'sh', here.state], { timeoutMs: 10_000, env: { PATH: PLAIN_PATH } });
  const stored = async (): Promise<string> => (await inside('cat "$1"/lobsterpot/home/secrets/*')).stdout;
  assert.equal((await cli(['secrets', 'set', 'anthropic_api_key'], { stdin: 'first-value' })).code, 0);
  await inside('head -c 200000 /dev/zero > "$1"/fill');
  const [full] = problemsOf(await cli(['secrets', 'set', 'anthropic_api_key', '--json'], { stdin: 'second-value' }), 1);
  assert.match(`${full?.what} ${full?.cause}`, /space|full/i);
  assert.equal(await stored(), 'first-value');
  // The ordinary user is root of a namespace with one number here: no service could be started, whatever the disk.
  const [refused] = isRoot ? problemsOf(await cli(['up', '--yes', '--json']), 1) : [full];
  assert.match(`${refused?.what} ${refused?.fix}`, /space/);
  await inside('rm "$1"/fill && mount -o remount,bind,ro "$1"');
  const [readOnly] = problemsOf(await cli(['secrets', 'set', 'anthropic_api_key', '--json'], { stdin: 'second-value' }), 1);
  assert.match(`${readOnly?.what} ${readOnly?.cause}`, /read-only/i);
  assert.equal(await stored(), 'first-value');
});

test('records: damaged -> exit 1 with the way out, untouched; down works all the same', async () => {
  for (const damage of ['', '{"version":1', '{"version":9,"file":"x","nodes":{}}', '[]']) {
    using here = sandboxHome();
    mkdirSync(here.root, { recursive: true, mode: 0o700 });
    const path = join(here.root, 'records.json');
    writeFileSync(path, damage, { mode: 0o600 });
    for (const args of [['plan'], ['up', '--yes'], ['status'], ['exec', 'nas', '--', '/usr/bin/uname']]) {
      const [command = '', ...rest] = args;
      const [problem] = problemsOf(await here.cli([command, '--json', ...rest]), 1);
      assert.equal(problem?.code, 'converge/records');
      assert.ok(problem.fix.includes(`mv ${path} `), problem.fix);
    }
    assert.equal(readFileSync(path, 'utf8'), damage);
    assert.equal((await here.cli(['down'])).code, 0);
  }
});

test('specification and note of the lock: damaged -> the plan writes the one anew, and the other holds nobody up', async () => {
  using here = sandboxHome();
  mkdirSync(join(here.root, 'services/gate'), { recursive: true, mode: 0o700 });
  writeFileSync(join(here.root, 'services/gate/spec.json'), '{"version":');
  const note = join(dirname(here.root), '.locks', `${basename(here.root)}.json`);
  mkdirSync(dirname(note), { mode: 0o700 });
  writeFileSync(note, '{"pid": 1');
  const planned = await here.cli(['plan']);
  assert.equal(planned.code, 2, planned.stderr);
  assert.match(planned.stdout, /write services\/gate\/spec\.json \(content differs\)/);
  assert.equal((await here.cli(['status'])).code, 1);
  const down = await here.cli(['down']);
  assert.equal(down.code, 0, down.stderr);
  // Whose run was cut off is not known any more; that an `up` has still to see to what it left is.
  assert.equal(existsSync(note), true);
  const destroyed = await here.cli(['destroy', '--confirm', basename(here.root)]);
  assert.equal(destroyed.code, 0, destroyed.stderr);
  assert.equal(existsSync(note), false);
});

test('lock: its own file damaged -> exit 1 with the way out, which works', async () => {
  using here = sandboxHome();
  mkdirSync(here.root, { recursive: true, mode: 0o700 });
  const lock = join(dirname(here.root), '.locks', `${basename(here.root)}.db`);
  mkdirSync(dirname(lock), { mode: 0o700 });
  writeFileSync(lock, 'no lock is this '.repeat(300));
  const [problem] = problemsOf(await here.cli(['down', '--json']), 1);
  assert.ok(problem?.fix.includes(`rm ${lock} `));
  rmSync(lock);
  assert.equal((await here.cli(['down'])).code, 0);
});

test('install: cut off half-way, and no way to the registry -> planned again; exit 1, nothing half-made is used or left', async () => {
  using here = sandboxHome();
  const runtime = fakeOpenClaw(here.data, '');
  rmSync(join(runtime, 'complete.json'));
  const planned = await here.cli(['plan']);
  assert.match(planned.stdout, /\+ openclaw +install 2026/);
  // npm is told by the person's own settings where its registry is: a port on which nobody listens.
  writeFileSync(join(here.home, '.npmrc'), 'registry=http://127.0.0.1:1/\nfetch-retries=0\n');
  const [problem] = problemsOf(await here.cli(['apply', '--yes', '--json'], { timeoutMs: 120_000 }), 1);
  assert.match(problem?.code ?? '', /^openclaw\/registry/);
  assert.match(problem?.fix ?? '', /lobsterpot up/);
  assert.deepEqual(readdirSync(join(here.data, 'lobsterpot/runtimes')), []);
  assert.equal((await here.cli(['plan'])).code, 2);
});

test(
  'openclaw: ends right after its start -> exit 1 with its last words; status tells it, down leaves nothing',
  { timeout: 120_000 },
  async () => {
    const { port, ...taken } = await takenPort();
    await taken[Symbol.asyncDispose]();
    using here = sandboxHome({ text: withPort(port) });
    fakeOpenClaw(here.data, 'console.error("fake: the moon is in the wrong place"); process.exit(7);\n');
    const before = new Set(processes().map((one) => one.pid));
    try {
      const [problem] = problemsOf(await here.cli(['up', '--yes', '--json'], { timeoutMs: 60_000 }), 1);
      assert.deepEqual([problem?.code, /gateway-main ended right after its start/.test(problem?.what ?? '')], ['process/unhealthy', true]);
      assert.match(problem?.cause ?? '', /exit(ed with)? (code )?7[^]*the moon is in the wrong place/);
      assert.match(problem?.fix ?? '', /lobsterpot logs gateway-main/);
      const status = await here.cli(['status']);
      assert.equal(status.code, 1);
      assert.match(status.stdout, /gate +healthy[^]*gateway-main +(backing-off|starting)[^]*node-nas +stopped/);
      const logs = await here.cli(['logs', 'main']);
      assert.match(logs.stdout, /the moon is in the wrong place/);
      assert.match(readFileSync(join(here.root, 'journal.jsonl'), 'utf8'), /"event":"end","outcome":"failed"/);
    } finally {
      assert.equal((await here.cli(['destroy', '--confirm', 'home'], { timeoutMs: 60_000 })).code, 0);
    }
    const left = processes(before).filter((one) => one.command.includes(here.home) || one.environment?.includes(here.home) === true);
    assert.deepEqual(left, []);
  },
);

test('namespaces: refused by the system -> exit 1 before anything is begun, with what refuses and what to do', async () => {
  using here = sandboxHome(isRoot ? { owner: ORDINARY_USER } : {});
  using project = isRoot ? readableProject() : undefined;
  const drop = project
    ? [...project.prefix, 'setpriv', '--reuid', String(ORDINARY_USER), '--regid', String(ORDINARY_USER), '--clear-groups']
    : [];
  const typed = project ? [project.node, project.at(PROGRAM)] : TYPED;
  // A user namespace in which no further one may be made; the number of the user stays.
  const closed = 'echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --inh-caps=-all --ambient-caps=-all --no-new-privs "$@"';
  const cli = here.cliAs([...drop, 'unshare', '--user', '--map-current-user', '--keep-caps', '/bin/sh', '-c', closed, 'sh', ...typed]);
  const problems = problemsOf(await cli(['up', '--yes', '--json'], { timeoutMs: 60_000 }), 1);
  const told = problems.find((one) => one.code === 'preflight/containment');
  assert.match(told?.cause ?? told?.what ?? '', /\S/);
  assert.match(`${told?.what} ${told?.cause}`, /namespace/i);
  assert.match(told?.fix ?? '', /max_user_namespaces/);
  assert.deepEqual([readdirSync(here.state), readdirSync(here.data)], [[], []]);
});
