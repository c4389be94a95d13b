import { spawn } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { nodePackage } from '../../bin/fitting-node.mjs';
import { npm } from './npm.mjs';
import { root } from './root.mjs';
import { fail, say, seconds } from './say.mjs';

const TIME_LIMIT_MS = 20 * 60_000;

/** Installs what package-lock.json names, unless exactly that is installed. */
export async function ensureInstalled() {
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  if (isCurrent(wanted, installedLock())) return linkCommand();
  const began = performance.now();
  say('installing what it needs (npm ci); the first time this takes a minute or two');
  const progress = setInterval(() => say(`still installing, ${seconds(began)}`), 15_000);
  const { code, output } = await run(npm(), [
    'ci',
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]);
  clearInterval(progress);
  if (code !== 0) {
    fail(
      'npm could not install what lobsterpot needs',
      output.trim().slice(-2000) || `npm ended with ${code}`,
      'is the network up, and is there disk space? then run the same command again',
    );
  }
  if (!isCurrent(wanted, installedLock())) {
    fail(
      'npm installed something else than package-lock.json names',
      'optional packages may be turned off in your npm configuration',
      'run: npm ci --include=optional --include=dev',
    );
  }
  say(`installed in ${seconds(began)}`);
  linkCommand();
}

/**
 * True when every package that the lock names is installed in that version. npm writes the list of what it
 * installed as the last thing, so an interrupted installation has none.
 */
export function isCurrent(wanted, installed) {
  if (!installed) return false;
  return Object.entries(wanted.packages).every(([path, one]) => {
    if (path === '') return true;
    const found = installed.packages[path];
    return found ? found.version === one.version && found.integrity === one.integrity : one.optional === true && !isOurPlatform(path);
  });
}

function isOurPlatform(path) {
  return path === `node_modules/${nodePackage()}`;
}

function installedLock() {
  try {
    return JSON.parse(readFileSync(join(root, 'node_modules/.package-lock.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

/** `npx lobsterpot` looks here first; without it npx would install the clone into its own cache, which takes seconds. */
function linkCommand() {
  const link = join(root, 'node_modules/.bin/lobsterpot');
  try {
    if (!existsSync(link)) symlinkSync('../../bin/lobsterpot.mjs', link);
  } catch {
    // A read-only clone: npx then takes its longer way.
  }
}

function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command[0], [...command.slice(1), ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIME_LIMIT_MS,
    });
    let output = '';
    const add = (data) => {
      output = (output + data).slice(-20_000);
    };
    child.stdout.on('data', add);
    child.stderr.on('data', add);
    child.on('error', (error) => resolve({ code: -1, output: error.message }));
    child.on('close', (code, signal) => resolve({ code: code ?? `the signal ${signal}`, output }));
  });
}
