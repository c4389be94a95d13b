/* global input */
// Shared by the pieces that follow it in one script. `input` is put before it: { marker, canary, limitMs, totalMs, attempts }.
const { spawn } = await import('node:child_process');

const kinds = {};
const succeeded = (detail) => ({ outcome: 'succeeded', detail: String(detail).slice(0, 200) });
const refused = (error) => ({ outcome: 'refused', code: error?.code ?? 'ERROR', detail: String(error?.message ?? error).slice(0, 200) });

/** Runs `start(end)` until it ends or the time limit passes, which then gives `atLimit()`; `start` gives what clears up. */
const within = (start, atLimit = () => ({ outcome: 'no-answer' })) =>
  new Promise((resolve) => {
    let clear = () => undefined;
    let isOver = false;
    const end = (result) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      resolve(result);
      clear();
    };
    const timer = setTimeout(() => end(atLimit()), input.limitMs);
    clear = start(end) ?? clear;
    // Ended before `clear` was known.
    if (isOver) clear();
  });

const runProgram = (argv) =>
  within((end) => {
    const child = spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (said += data.toString('utf8').slice(0, 400)));
    child.once('error', (error) => end(refused(error)));
    child.once('close', (code, signal) =>
      end({ ...(code === 0 ? succeeded('') : { outcome: 'refused', code: signal ?? `exit ${code}` }), detail: said.slice(0, 300) }),
    );
    return () => child.kill('SIGKILL');
  });
