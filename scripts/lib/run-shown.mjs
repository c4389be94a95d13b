import { spawn } from 'node:child_process';
import { say } from './say.mjs';

/**
 * Runs a program with its words shown as they come. Gives whether it ended well, the last of what it said on stdout
 * and in all, and how long it took.
 */
export function runShown([file, ...args], { cwd, env, limitMs }) {
  const began = performance.now();
  return new Promise((resolve) => {
    // Its own process group, so that nothing it started outlives the time limit.
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const stop = () => process.kill(-child.pid, 'SIGKILL');
    const limit = setTimeout(stop, limitMs);
    process.once('SIGINT', stop).once('SIGTERM', stop);
    let stdout = '';
    let all = '';
    const keep = (text, data) => (text + data).slice(-20_000);
    child.stdout.on('data', (data) => {
      process.stdout.write(data);
      stdout = keep(stdout, data);
      all = keep(all, data);
    });
    child.stderr.on('data', (data) => {
      process.stderr.write(data);
      all = keep(all, data);
    });
    const end = (ok) => {
      clearTimeout(limit);
      process.off('SIGINT', stop).off('SIGTERM', stop);
      resolve({ ok, stdout, all, ms: performance.now() - began });
    };
    child.on('error', (error) => {
      say(error.message);
      end(false);
    });
    // Not `close`: a daemon that was left behind would hold the pipes open for ever.
    child.on('exit', (code) => {
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        end(code === 0);
      }, 200);
    });
  });
}
