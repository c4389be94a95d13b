import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectFiles } from './files.mjs';
import { projectNode } from './node.mjs';
import { root } from './root.mjs';

const COUNTS = fileURLToPath(new URL('counts-reporter.mjs', import.meta.url));

/** The sets of tests: which files, how they run, and how long a test and the whole may take. */
export const SUITES = {
  unit: {
    title: 'unit tests',
    picks: (path) => /^(src|scripts|lab)\/.*\.test\.(ts|mjs)$/.test(path) && !/\.(e2e|net)\.test\.ts$/.test(path),
    args: ['--test-isolation=none', '--test-timeout=60000'],
    limitMs: 10 * 60_000,
  },
  e2e: {
    title: 'end-to-end tests',
    picks: (path) => /^src\/.*\.e2e\.test\.ts$/.test(path) || /^e2e\/.*\.test\.ts$/.test(path),
    args: ['--test-concurrency=1', '--test-timeout=900000'],
    limitMs: 45 * 60_000,
  },
  net: {
    title: 'tests that use the internet',
    picks: (path) => path.endsWith('.net.test.ts'),
    args: ['--test-concurrency=1', '--test-timeout=900000'],
    limitMs: 45 * 60_000,
  },
};

/** Runs one set; `only` narrows it to files whose path holds that text. */
export async function runSuite(name, only) {
  const suite = SUITES[name];
  const files = projectFiles(['src', 'e2e', 'lab', 'scripts']).filter(
    (path) => suite.picks(path) && (only === undefined || path.includes(only)),
  );
  const none = { name, title: suite.title, files: 0, passed: 0, failed: 0, skips: [], ran: [] };
  if (files.length === 0) return none;
  const scratch = mkdtempSync(join(tmpdir(), 'lobsterpot-test-'));
  const report = join(scratch, 'counts.json');
  try {
    const reporters = [
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      `--test-reporter=${COUNTS}`,
      `--test-reporter-destination=${report}`,
    ];
    const ended = await run(projectNode(), ['--test', ...suite.args, ...reporters, ...files], suite.limitMs);
    const counts = readCounts(report);
    const failed = counts.failed + counts.cancelled;
    // A run that ends badly without a failed test (a crash, the time limit) is a failure all the same.
    const broken = ended !== undefined && failed === 0 ? 1 : 0;
    return {
      ...none,
      files: files.length,
      passed: counts.passed,
      failed: failed + broken,
      skips: counts.skips,
      ran: counts.ran,
      ...(broken ? { broken: ended } : {}),
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** undefined: it ended well. */
function run(node, args, limitMs) {
  return new Promise((resolve) => {
    const child = spawn(node, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);
    const stop = (signal) => child.kill(signal);
    process.once('SIGINT', stop).once('SIGTERM', stop);
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      process.off('SIGINT', stop).off('SIGTERM', stop);
      resolve(code === 0 ? undefined : `the run ended with ${signal ?? `exit code ${code}`}`);
    });
  });
}

function readCounts(path) {
  const nothing = { passed: 0, failed: 0, cancelled: 0, skips: [], ran: [] };
  try {
    return { ...nothing, ...JSON.parse(readFileSync(path, 'utf8')) };
  } catch {
    return nothing;
  }
}
