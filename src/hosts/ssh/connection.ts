import { randomBytes } from 'node:crypto';

import type { Problem } from '../../core/problem.ts';
import { pipeProblem, programPipe, type ProgramStream } from '../program-pipe.ts';
import { run } from '../run.ts';
import { attempt, clientEnvironment, type Outcome } from './attempt.ts';
import { classifyBefore, type SshFailure } from './classify.ts';
import { diagnose } from './diagnose.ts';
import { framed, outputStart, parseStderr } from './frame.ts';
import { limiter } from './limiter.ts';
import { FAR_SHELL, scriptLine } from './quote.ts';
import { sshArgv, stopArgv, type SshClient } from './ssh-argv.ts';
import { sshProblem } from './ssh-problem.ts';

/** What a script on the far side gave. */
export type FarAnswer = {
  readonly code: number | undefined;
  readonly timedOut: boolean;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** When its first sign arrived, in milliseconds of this machine's clock. */
  readonly beganAt: number | undefined;
};

export type FarScript = {
  readonly script: string;
  readonly input?: string | Uint8Array;
  readonly timeoutMs: number;
  readonly mostOutput?: number;
  /** Twice is as good as once: it may be tried again when it is not known whether it began. */
  readonly repeatable?: boolean;
};

/** Scripts run on one host through one shared connection. */
export type Connection = AsyncDisposable & {
  /** Runs a script in a POSIX shell there; a Problem when the host was not reached or was lost. */
  execute(request: FarScript): Promise<FarAnswer>;
  pipe(script: string, what: string): ProgramStream;
};

const MOST_OUTPUT = 8 * 1024 ** 2;
/** sshd gives ten sessions to a connection by default; the rest is for pipes. */
const MOST_AT_ONCE = 6;
/** Names, a key exchange on a slow NAS and a login file, beyond the connection itself. */
const LOGIN_MS = 20_000;
const STOP_MS = 6000;

/** Opens nothing yet: the first script does. */
export function connection(name: string, client: () => SshClient): Connection {
  const limited = limiter(MOST_AT_ONCE);

  async function once(request: FarScript): Promise<Outcome> {
    const ssh = client();
    const mark = newMark();
    return attempt({
      argv: sshArgv(ssh, FAR_SHELL),
      mark,
      input: [scriptLine(framed(request.script, mark)), request.input ?? ''],
      connectMs: ssh.connectSeconds * 1000 + LOGIN_MS,
      timeoutMs: request.timeoutMs,
      mostOutput: request.mostOutput ?? MOST_OUTPUT,
      endFar: (pid) => endFar(ssh, pid),
    });
  }

  async function problem(broken: Extract<Outcome, { kind: 'broken' }>): Promise<Problem> {
    const failure = failureOf(broken);
    const ssh = client();
    const more = await diagnose(failure, ssh).catch(() => ({}));
    return sshProblem(failure, { name, address: ssh.address, stderr: broken.stderr, ...more });
  }

  return {
    execute: (request) =>
      limited(async () => {
        const first = await once(request);
        // The shared connection had died unseen (a host that slept). The first sign of a script can be lost on the way too.
        const again = request.repeatable === true && first.kind === 'broken' && !first.began && failureOf(first) === 'dropped';
        const outcome = again ? await once(request) : first;
        switch (outcome.kind) {
          case 'ended':
            return { ...outcome, timedOut: false };
          case 'timed-out':
            return { ...outcome, code: undefined, timedOut: true, beganAt: undefined };
          case 'broken':
            throw await problem(outcome);
        }
      }),
    pipe: (script, what) => {
      const mark = newMark();
      return programPipe({
        argv: sshArgv(client(), FAR_SHELL),
        env: clientEnvironment(),
        greeting: scriptLine(framed(script, mark)),
        start: (stdout) => outputStart(stdout, mark),
        startMs: client().connectSeconds * 1000 + LOGIN_MS,
        ended: async ({ code, stderr }) => {
          const told = parseStderr(stderr, mark);
          if (told.code === 0) return undefined;
          if (told.code === undefined) {
            return await problem({ kind: 'broken', began: told.pid !== undefined, timedOut: false, code, stdout: '', stderr: told.stderr });
          }
          return pipeProblem(name, what, told.code, told.stderr);
        },
        stop: async (stderr) => {
          const { pid } = parseStderr(stderr, mark);
          if (pid !== undefined) await endFar(client(), pid);
        },
      });
    },
    async [Symbol.asyncDispose]() {
      await run(stopArgv(client()), { timeoutMs: STOP_MS, env: clientEnvironment() });
    },
  };
}

function failureOf(broken: Extract<Outcome, { kind: 'broken' }>): SshFailure {
  if (broken.began) return 'dropped';
  const said = classifyBefore(broken.stderr);
  if (said !== 'other') return said;
  // Without a code it was ended here, at the time limit.
  if (broken.timedOut || broken.code === undefined) return 'timed-out';
  // A shared connection that ends takes its commands with it without a word.
  if (broken.code === 255 && broken.stderr.trim() === '') return 'dropped';
  // ssh's own failures are 255; any other code comes from the far side, which ran something and not the script.
  return broken.code === 255 ? 'other' : 'no-shell';
}

/** sshd makes each command the leader of its own group: the group is ended with all that the script started. */
async function endFar(ssh: SshClient, pid: number): Promise<void> {
  const mark = newMark();
  const script = [
    `end() { kill -s "$1" -- -${pid} 2>/dev/null || kill -s "$1" ${pid} 2>/dev/null; }`,
    'end TERM && sleep 1 && end KILL',
  ].join('\n');
  await attempt({
    argv: sshArgv(ssh, FAR_SHELL),
    mark,
    input: [scriptLine(framed(script, mark))],
    connectMs: STOP_MS,
    timeoutMs: STOP_MS,
    mostOutput: 4096,
    endFar: () => Promise.resolve(),
  });
}

function newMark(): string {
  return `lobsterpot-${randomBytes(9).toString('hex')}`;
}
