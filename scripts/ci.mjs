import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npm } from './lib/npm.mjs';
import { endProcessesOf } from './lib/processes.mjs';
import { root } from './lib/root.mjs';
import { runShown } from './lib/run-shown.mjs';
import { say, seconds } from './lib/say.mjs';
import { startSteps } from './lib/start-steps.mjs';

// What a fresh clone has to pass: the README's own commands, the published package in an empty folder, npm start in
// an empty home, and the end-to-end tests as an ordinary user as well. Everything runs even when something failed before.
const WHOLE_MS = 60 * 60_000;
const began = performance.now();
const scratch = mkdtempSync(join(tmpdir(), 'lobsterpot-ci-'));
const totals = { passed: 0, failed: 0 };
const failures = [];
const registry = setting('registry');
const ran = join(scratch, 'ran.json');

// .ci/run [test|check|package|start|user]; without a name: all of them.
const PARTS = {
  test: () => step('npm test', [...npm(), 'test', '--', '--ran', ran], { env: { ...process.env, ...follows() }, CI: 'true' }),
  check: () => step('npm run check', [...npm(), 'run', 'check']),
  package: packageSteps,
  start: () => startSteps({ scratch, step, clean, fault }),
  user: ordinaryUser,
};
const asked = process.argv.slice(2);

try {
  for (const [name, part] of Object.entries(PARTS)) if (asked.length === 0 || asked.includes(name)) await part();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
for (const line of failures) console.log(line);
say(`the whole took ${seconds(began)}`);
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;

/** What the last part runs as an ordinary user, root need not run as one as well. */
function follows() {
  const user = process.getuid() === 0 && (asked.length === 0 || asked.includes('user'));
  return user ? { LOBSTERPOT_USER_RUN_FOLLOWS: '1' } : {};
}

/** The package as it would be published, installed by someone who has nothing: an empty folder and an empty HOME. */
async function packageSteps() {
  const folder = join(scratch, 'package');
  const home = join(scratch, 'home');
  for (const one of [folder, home]) mkdirSync(one);
  const env = clean({ HOME: home });
  // .npmrc turns the scripts of packages off, and with them our own prepack, which builds dist.
  await step('npm pack', [...npm(), 'pack', '--ignore-scripts=false', '--pack-destination', folder, '--loglevel=error']);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) return;
  const here = { env, cwd: folder };
  await step('install the package', [...npm(), 'install', '--no-audit', '--no-fund', '--loglevel=error', `./${tarball}`], here);
  const example = join(folder, 'node_modules/lobsterpot/examples/this-machine/lobsterpot.yaml');
  for (const args of [['--version'], ['--help'], ['version'], ['render', '--file', example, '--out', join(scratch, 'rendered')]]) {
    await step(`npx lobsterpot ${args[0]}`, ['npx', '--no', '--', 'lobsterpot', ...args], here);
  }
}

/** Root may do what others may not: the end-to-end tests run again as a user who owns nothing but a copy of the project. */
async function ordinaryUser() {
  if (process.getuid() !== 0) return;
  const uid = 61_800;
  const home = join(scratch, 'user');
  const copy = join(home, 'lobsterpot');
  cpSync(root, copy, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => path !== join(root, '.git') && path !== join(root, 'dist'),
  });
  if (existsSync(ran)) cpSync(ran, join(home, 'ran.json'));
  chownTree(home, uid);
  // The folder above is root's own: its user must be able to walk through it.
  spawnSync('chmod', ['0711', scratch]);
  // Without a run of root's before it, this one is by itself.
  const before = existsSync(ran) ? { LOBSTERPOT_ROOT_RAN_BEFORE: '1' } : {};
  const env = clean({ HOME: home, CI: 'true', ...before });
  const drop = ['setpriv', '--reuid', String(uid), '--regid', String(uid), '--clear-groups', '--inh-caps=-all', '--'];
  await step(
    'end-to-end tests as an ordinary user',
    [...drop, process.execPath, 'scripts/test.mjs', 'e2e', ...(existsSync(ran) ? ['--excuse', join(home, 'ran.json')] : [])],
    { env, cwd: copy },
  );
  const left = endProcessesOf(uid);
  if (left.length > 0) fault(`the tests left ${left.length} processes running:\n${left.map((one) => one.slice(0, 200)).join('\n')}`);
}

/**
 * Runs one command; it counts as the tests it reports, or as one when it reports none. `check` looks at how it ended
 * ({ stdout, all, ms }) and gives what is wrong with it, or nothing.
 */
async function step(title, argv, { env = process.env, cwd = root, CI, check = () => undefined } = {}) {
  say(`--- ${title}`);
  const start = performance.now();
  const limitMs = Math.max(1000, WHOLE_MS - performance.now() + began);
  const ended = await runShown(argv, { cwd, env: CI === undefined ? env : { ...env, CI }, limitMs });
  const wrong = ended.ok ? check(ended) : undefined;
  const ok = ended.ok && wrong === undefined;
  const match = [...ended.stdout.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1);
  totals.passed += match ? Number(match[1]) : ok ? 1 : 0;
  // A command that fails though none of its tests did has failed once.
  totals.failed += ok ? 0 : Math.max(1, Number(match?.[2] ?? 0));
  // Said again at the end: what failed in the first step is far above by then.
  failures.push(...ended.all.split('\n').filter((line) => line.startsWith('lobsterpot: FAILED: ')));
  if (wrong !== undefined) say(wrong);
  if (!ok) failures.push(`lobsterpot: FAILED: ${title}`);
  say(`--- ${ok ? 'pass' : 'FAIL'}: ${title}, ${seconds(start)}`);
  return ended;
}

/** Something that is wrong and no command told. */
function fault(text) {
  say(`--- FAIL: ${text}`);
  totals.failed += 1;
}

/** An environment with nothing of this one but where programs and packages come from. */
function clean(more) {
  return { PATH: process.env.PATH, npm_config_registry: registry, ...more };
}

function setting(key) {
  const [file, ...args] = npm();
  return spawnSync(file, [...args, 'config', 'get', key], { encoding: 'utf8', timeout: 60_000 }).stdout.trim();
}

function chownTree(path, uid) {
  spawnSync('chown', ['-R', `${uid}:${uid}`, path]);
}
