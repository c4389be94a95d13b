import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectFiles } from './files.mjs';
import { inLanes, lanesHere, planLanes } from './lanes.mjs';
import { leftOut } from './left-out.mjs';
import { projectNode } from './node.mjs';
import { root } from './root.mjs';
import { say, seconds } from './say.mjs';

const SHOWN = { say, show: (text) => process.stdout.write(text) };
const COUNTS = fileURLToPath(new URL('counts-reporter.mjs', import.meta.url));

/**
 * The sets of tests: which files, how they run, and how long a test and the whole may take. With `lanes` each file is a run of its own,
 * that many at a time; without, all are one run.
 */
export const SUITES = {
  unit: {
    title: 'unit tests',
    picks: (path) => /^(src|scripts|lab|bench)\/.*\.test\.(ts|mjs)$/.test(path) && !/\.(e2e|net)\.test\.ts$/.test(path),
    args: ['--test-isolation=none', '--test-timeout=60000'],
    limitMs: 10 * 60_000,
  },
  e2e: {
    title: 'end-to-end tests',
    picks: (path) => /^src\/.*\.e2e\.test\.ts$/.test(path) || /^e2e\/.*\.test\.ts$/.test(path),
    args: ['--test-timeout=1500000'],
    limitMs: 50 * 60_000,
    lanes: 2,
  },
  net: {
    title: 'tests that use the internet',
    picks: (path) => path.endsWith('.net.test.ts'),
    args: ['--test-concurrency=1', '--test-timeout=900000'],
    limitMs: 45 * 60_000,
  },
};

/** Runs one set; `parts` narrow it to files whose path holds one of these texts. */
export async function runSuite(name, parts = []) {
  const suite = SUITES[name];
  const without = leftOut(process.env);
  const picked = projectFiles(['src', 'e2e', 'lab', 'scripts']).filter(
    (path) => suite.picks(path) && (parts.length === 0 || parts.some((part) => path.includes(part))),
  );
  const files = picked.filter((path) => !without.includes(path));
  for (const path of picked) if (without.includes(path)) say(`left out, for another run has it: ${path}`);
  const endsAt = performance.now() + suite.limitMs;
  const runs = files.length === 0 ? [] : await (suite.lanes === undefined ? runTogether : runInLanes)(suite, files, endsAt);
  const sum = (of) => runs.reduce((all, one) => all + of(one), 0);
  const broken = runs.flatMap((one) => one.broken ?? []);
  return {
    name,
    title: suite.title,
    files: files.length,
    passed: sum((one) => one.passed),
    failed: sum((one) => one.failed),
    skips: runs.flatMap((one) => one.skips),
    ran: runs.flatMap((one) => one.ran),
    failures: runs.flatMap((one) => one.failures),
    ...(broken.length === 0 ? {} : { broken: broken.join('; ') }),
  };
}

async function runTogether(suite, files, endsAt) {
  return [await runFiles(suite, files, endsAt)];
}

/** Runs each file by itself; what several at a time say is shown file by file, when each of them ends. */
export async function runInLanes(suite, files, endsAt, { say: tell, show } = SHOWN) {
  const { together, alone } = planLanes(files);
  const lanes = Math.min(lanesHere(suite.lanes), together.length);
  let stopped = false;
  const stop = () => (stopped = true);
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const one = async (file, kept) => {
    if (stopped || performance.now() > endsAt)
      return { passed: 0, failed: 1, skips: [], ran: [], failures: [], broken: `${file} was not begun` };
    const began = performance.now();
    tell(`begins: ${file}`);
    const ended = await runFiles(suite, [file], endsAt, kept ? show : undefined);
    tell(`${ended.failed === 0 ? 'passed' : 'FAILED'}: ${file}, ${seconds(began)}`);
    return ended;
  };
  try {
    return [...(await inLanes(together, lanes, (file) => one(file, lanes > 1))), ...(await inLanes(alone, 1, (file) => one(file, false)))];
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/** One run of some files: what came of it. With `show` its words are kept, and shown when it ends. */
async function runFiles(suite, files, endsAt, show) {
  const scratch = mkdtempSync(join(tmpdir(), 'lobsterpot-test-'));
  const report = join(scratch, 'counts.json');
  try {
    const reporters = [
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      `--test-reporter=${COUNTS}`,
      `--test-reporter-destination=${report}`,
    ];
    const words = join(scratch, 'words');
    const ended = await run(projectNode(), ['--test', ...suite.args, ...reporters, ...files], { endsAt, ...(show ? { words } : {}) });
    show?.(readFileSync(words));
    const { passed, skips, ran, failures, ...counts } = readCounts(report);
    const failed = counts.failed + counts.cancelled;
    // A run that ends badly without a failed test (a crash, the time limit) is a failure all the same.
    if (ended !== undefined && failed === 0)
      return { passed, failed: 1, skips, ran, failures, broken: `${files.length === 1 ? `${files[0]}: ` : ''}${ended}` };
    return { passed, failed, skips, ran, failures };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** undefined: it ended well. What it says goes to the file `words`, which a daemon that is left behind cannot hold open as it can a pipe. */
function run(node, args, { endsAt, words }) {
  const said = words === undefined ? 'inherit' : openSync(words, 'w');
  return new Promise((resolve) => {
    const child = spawn(node, args, { cwd: root, stdio: ['ignore', said, said] });
    const limit = setTimeout(() => child.kill('SIGKILL'), Math.max(1000, endsAt - performance.now()));
    const stop = (signal) => child.kill(signal);
    process.on('SIGINT', stop).on('SIGTERM', stop);
    const end = (how) => {
      clearTimeout(limit);
      process.off('SIGINT', stop).off('SIGTERM', stop);
      if (words !== undefined) closeSync(said);
      resolve(how);
    };
    child.on('error', (error) => end(error.message));
    child.on('exit', (code, signal) => end(code === 0 ? undefined : `the run ended with ${signal ?? `exit code ${code}`}`));
  });
}

function readCounts(path) {
  const nothing = { passed: 0, failed: 0, cancelled: 0, skips: [], ran: [], failures: [] };
  try {
    return { ...nothing, ...JSON.parse(readFileSync(path, 'utf8')) };
  } catch {
    return nothing;
  }
}
