import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { PLAIN_PATH, run } from '../../src/hosts/run.ts';

const LIMIT_MS = 120_000;

/** Runs a step of the lab's making; what it says on stderr is the reason of a failure. */
export async function must(argv: readonly string[], options: { readonly stdin?: string; readonly cwd?: string } = {}): Promise<string> {
  const ended = await run(argv, { timeoutMs: LIMIT_MS, ...options });
  if (ended.code !== 0) throw new Error(`${ended.stderr.trim() || `exit ${ended.code ?? ended.signal}`} (${argv.join(' ')})`);
  return ended.stdout;
}

/** Starts a service of the lab; its output goes to `log`. It ends with the lab. */
export function startService(argv: readonly string[], log: string): ChildProcess {
  const [program = '', ...rest] = argv;
  const output = openSync(log, 'a');
  const child = spawn(program, rest, { cwd: '/', env: { PATH: PLAIN_PATH, HOME: '/' }, stdio: ['ignore', output, output] });
  closeSync(output);
  child.on('error', (error) => process.stderr.write(`${program}: ${error.message}\n`));
  return child;
}

/** Starts a process that says `ready` and stays; gives its number. */
export function startHolder(argv: readonly string[]): Promise<number> {
  const [program = '', ...rest] = argv;
  const child = spawn(program, rest, { cwd: '/', env: { PATH: PLAIN_PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(limit);
      reject(new Error(`${why} (${argv.join(' ')})`));
    };
    const limit = setTimeout(() => fail('not ready in 20 s'), 20_000);
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`it ended with ${code}: ${said.trim()}`));
    child.stdout.on('data', (chunk: Buffer) => {
      if (!chunk.toString('utf8').includes('ready') || child.pid === undefined) return;
      clearTimeout(limit);
      child.removeAllListeners('exit');
      resolve(child.pid);
    });
  });
}

/** The prefix that runs a program in the namespaces of `pid`. */
export function within(pid: number): readonly string[] {
  return ['nsenter', '--target', String(pid), '--mount', '--uts', '--net', '--'];
}
