import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { plainText } from '../../../core/plain-text.ts';
import { Problem, reasonOf, type ProblemCode } from '../../../core/problem.ts';
import { until } from '../../../core/wait.ts';
import { startDetached } from '../../../hosts/spawn.ts';
import { askUnix, connectUnix } from '../../../hosts/unix-socket.ts';
import { LAYOUT } from '../layout.ts';
import { parseAnswer, type Request, type StatusAnswer } from './protocol.ts';

/** Time limit of a question that changes nothing. */
export const STATUS_MS = 5000;
/** Time limit of one that may have to stop a service: its grace, then ending its processes and freeing their memory. */
export const STOP_MS = 90_000;

const START_MS = 15_000;
const DYING_MS = 100;

/** Asks the supervisor of a deployment; undefined when none runs. A refusal is thrown as the Problem it is. */
export async function askSupervisor(root: string, request: Request, timeoutMs: number): Promise<StatusAnswer | undefined> {
  let line: string;
  try {
    line = await askUnix(join(root, LAYOUT.control), JSON.stringify(request), { timeoutMs });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined;
    // It died while it was asked: then nobody listens any more.
    if ((code === 'ECONNRESET' || code === 'EPIPE') && !(await listens(root))) return undefined;
    throw new Problem('process/supervisor-silent', 'the supervisor of this deployment does not answer', {
      cause: reasonOf(error),
      fix: `look at ${join(root, LAYOUT.supervisorLog)}, then run: lobsterpot down`,
      from: error,
    });
  }
  const answer = parseAnswer(line);
  if (answer.ok) return answer;
  throw new Problem(problemCode(answer.code), answer.what, { cause: answer.cause, fix: answer.fix });
}

async function listens(root: string): Promise<boolean> {
  await pause(DYING_MS);
  return connectUnix(join(root, LAYOUT.control), { timeoutMs: STATUS_MS }).then(
    (socket) => {
      socket.destroy();
      return true;
    },
    () => false,
  );
}

/** Starts the supervisor unless one runs. It is a process of its own session and outlives the terminal. */
export async function ensureSupervisor(root: string, deployment: string): Promise<void> {
  if (await askSupervisor(root, { op: 'status' }, STATUS_MS)) return;
  mkdirSync(join(root, LAYOUT.supervisor), { recursive: true, mode: 0o700 });
  const log = openSync(join(root, LAYOUT.supervisorLog), 'w', 0o600);
  let ended: string | undefined;
  try {
    const end = startDetached([process.execPath, mainFile(), root, deployment], { cwd: root, log });
    void end.then((exit) => {
      ended = exit.error ?? `exit code ${exit.code ?? exit.signal}`;
    });
  } finally {
    closeSync(log);
  }
  const up = await until(
    async () => ((await askSupervisor(root, { op: 'status' }, STATUS_MS)) ? 'up' : ended === undefined ? undefined : 'ended'),
    { timeoutMs: START_MS, everyMs: 25 },
  );
  if (up === 'up') return;
  // Another one may have been started in the same moment: it holds the lock, and this one has left.
  if (up === 'ended' && (await until(async () => askSupervisor(root, { op: 'status' }, STATUS_MS), { timeoutMs: 3000, everyMs: 50 })))
    return;
  const words = plainText(readFileSync(join(root, LAYOUT.supervisorLog), 'utf8').trim().split('\n').slice(-6).join('\n'), 1500);
  throw new Problem('process/supervisor-start', 'the supervisor of this deployment does not start', {
    cause: words === '' ? (ended ?? `it did not answer within ${START_MS / 1000} s`) : words,
    fix: `see the whole of ${join(root, LAYOUT.supervisorLog)}, then run: lobsterpot up`,
  });
}

/** The daemon's file beside this one: TypeScript in a clone, JavaScript in the package. */
function mainFile(): string {
  return fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './main.js', import.meta.url));
}

function problemCode(code: string): ProblemCode {
  const [room = 'process', name = 'supervisor'] = code.split('/');
  return `${room}/${name}`;
}
