import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const VERSION_MS = 10_000;
const STOP_MS = 3000;

/** A Squid that runs; `exited` resolves when it has ended, however. */
export type RunningSquid = {
  readonly exited: Promise<string>;
  readonly reconfigure: () => void;
  /** It takes a second to end what is open. */
  readonly stop: () => Promise<void>;
};

/** What a Squid says of how it was built; undefined: it cannot be run. */
export function squidBuild(program: string): { readonly version: string; readonly readsHello: boolean } | undefined {
  const { stdout, status } = spawnSync(program, ['-v'], { encoding: 'utf8', timeout: VERSION_MS });
  const version = status === 0 ? /Version (\S{1,40})/.exec(stdout)?.[1] : undefined;
  return version === undefined ? undefined : { version, readsHello: /--with-openssl\b/.test(stdout) };
}

/** Starts Squid in the foreground; it says only what is wrong. */
export function runSquid(program: string, conf: string, complain: (message: string) => void): RunningSquid {
  const child = spawn(program, ['-N', '-n', 'lobsterpot', '-f', conf, '-d1'], {
    cwd: '/',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  sayWhatIsWrong(child, complain);
  const exited = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, signal) => resolve(`it ended with ${signal ?? code ?? 'nothing'}`));
  });
  return {
    exited,
    reconfigure: () => void child.kill('SIGHUP'),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      // Asked first: it then closes what is open and writes its lines.
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await gone;
      clearTimeout(kill);
    },
  };
}

function sayWhatIsWrong(child: ChildProcess, complain: (message: string) => void): void {
  let held = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    const lines = (held + chunk.toString('utf8')).split('\n');
    held = (lines.pop() ?? '').slice(-4096);
    // What it says of single connections is in its access log.
    for (const line of lines) if (/FATAL|assertion failed|WARNING: (?:external|HTTP)/.test(line)) complain(`squid: ${line.slice(0, 300)}`);
  });
}
