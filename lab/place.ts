import { spawn, type ChildProcess } from 'node:child_process';
import { PLAIN_PATH, run } from '../src/hosts/run.ts';
import type { RunOptions, RunResult } from '../src/hosts/host.ts';
import type { User } from './users.ts';

/** How a program of a place starts: as its user (default) or as root. */
export type As = { readonly as?: 'user' | 'root' };

/** One machine of the lab, as a test sees it. */
export type Place = {
  readonly name: string;
  /** On the lab's LAN. */
  readonly address: string;
  readonly user: User;
  /** Where this machine shows the place's files, to root only: `join(place.root, '/etc/hosts')`. */
  readonly root: string;
  /** A plain environment of the user: HOME, USER, PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** What to run on this machine so that `argv` runs on the place. The environment is the caller's. */
  command(argv: readonly string[], how?: As): readonly string[];
  run(argv: readonly string[], options?: Partial<RunOptions> & As): Promise<RunResult>;
  spawn(argv: readonly string[], options?: As & { readonly env?: Readonly<Record<string, string>> }): ChildProcess;
};

const DEFAULT_LIMIT_MS = 60_000;

/** The place whose namespaces the process `pid` holds. */
export function placeOf(name: string, address: string, pid: number, user: User, path = PLAIN_PATH): Place {
  const env = { HOME: user.home, USER: user.name, LOGNAME: user.name, PATH: path };
  const command = (argv: readonly string[], how: As = {}): readonly string[] => enterArgv(pid, how.as === 'root' ? undefined : user, argv);
  return {
    name,
    address,
    user,
    root: `/proc/${pid}/root`,
    env,
    command,
    run: (argv, { as, ...options } = {}) =>
      run(command(argv, as === undefined ? {} : { as }), {
        timeoutMs: DEFAULT_LIMIT_MS,
        ...options,
        env: options.env ?? (as === 'root' ? { ...env, HOME: '/root', USER: 'root' } : env),
      }),
    spawn: (argv, { as, env: own } = {}) => {
      const [program = '', ...rest] = command(argv, as === undefined ? {} : { as });
      return spawn(program, rest, { cwd: '/', env: { ...(own ?? env) }, stdio: ['pipe', 'pipe', 'pipe'] });
    },
  };
}

/** `argv` in the namespaces of `pid`, as `user`; it ends when the process that started it ends, and with the lab. */
export function enterArgv(pid: number, user: User | undefined, argv: readonly string[]): readonly string[] {
  const enter = ['nsenter', '--target', String(pid), '--mount', '--uts', '--net', '--pid', '--'];
  if (user === undefined || user.uid === 0) return [...enter, 'setpriv', '--pdeathsig', 'KILL', ...argv];
  return [...enter, 'setpriv', '--reuid', String(user.uid), '--regid', String(user.gid), '--init-groups', '--pdeathsig', 'KILL', ...argv];
}
