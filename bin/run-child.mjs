import { spawn } from 'node:child_process';

/**
 * Runs a program on this terminal and ends as it ends: the same exit code, or the same signal.
 * Signals sent to this process reach the program.
 */
export function runInPlace(file, args) {
  const child = spawn(file, args, { stdio: 'inherit' });
  const forward = (signal) => {
    // A terminal sends Ctrl-C to both already; twice would read as impatience.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
  for (const signal of signals) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const one of signals) process.off(one, forward);
      if (signal === null) resolve(code ?? 1);
      // Whoever started this process learns of the signal as if there were no process between.
      else process.kill(process.pid, signal);
    });
  });
}
