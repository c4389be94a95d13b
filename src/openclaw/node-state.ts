import { plainText } from '../core/plain-text.ts';
import { Problem } from '../core/problem.ts';
import type { RunResult } from '../hosts/host.ts';
import { nodeCommand, NODE_READY_LINE } from './config/commands.ts';
import type { Once } from './enrol.ts';
import { INSIDE, type InsidePaths } from './inside-paths.ts';
import type { Standing } from './try-token.ts';

/** Runs inside a node's own sandbox. What the node's programs made of themselves beside OpenClaw's own state is not touched. */
export type NodeState = { readonly once: Once; readonly service: string; readonly inside?: InsidePaths };

/** One step with OpenClaw's state of a node: all are safe to repeat. */
export type StateStep = 'set-aside' | 'put-back' | 'remove-old';

const MOVE_MS = 60_000;
const TRY_MS = 90_000;

const MOVE = `
const fs = require('node:fs');
const [step, now, old] = process.argv.slice(1);
const isThere = (path) => fs.existsSync(path);
const remove = (path) => fs.rmSync(path, { recursive: true, force: true });
remove(old + '.trial');
if (step === 'set-aside' && !isThere(old) && isThere(now)) fs.renameSync(now, old);
if (step === 'put-back' && isThere(old)) { remove(now); fs.renameSync(old, now); }
if (step === 'remove-old') remove(old);
`.trim();

// A node whose token is refused forgets it (OpenClaw 2026.9): only a copy is used up, or a second trial could not be made.
const TRY = `
const fs = require('node:fs');
const { spawn } = require('node:child_process');
const [state, ready, limitMs, ...command] = process.argv.slice(1);
if (!fs.existsSync(state)) { process.stderr.write('no old state'); process.exit(3); }
const trial = state + '.trial';
const remove = () => fs.rmSync(trial, { recursive: true, force: true, maxRetries: 3 });
remove();
fs.cpSync(state, trial, { recursive: true, verbatimSymlinks: true });
const env = { ...process.env, OPENCLAW_STATE_DIR: trial };
const child = spawn(process.execPath, command, { env, stdio: ['ignore', 'pipe', 'pipe'] });
let seen = '';
const look = (chunk) => {
  seen = (seen + chunk).slice(-16384);
  if (seen.includes(ready) || /connect failed:.*\\n/.test(seen)) child.kill('SIGKILL');
};
child.stdout.on('data', look);
child.stderr.on('data', look);
setTimeout(() => child.kill('SIGKILL'), Number(limitMs)).unref();
child.on('error', () => { remove(); process.exit(1); });
child.on('close', () => { remove(); process.stdout.write(seen); process.exit(0); });
`.trim();

/** Moves OpenClaw's state of a stopped node aside, back again, or removes what was set aside. A Problem when it could not. */
export async function moveNodeState(of: NodeState, step: StateStep): Promise<void> {
  const { now, old } = pathsOf(of);
  const result = await of.once(of.service, ['{node}', '--eval', MOVE, step, now, old], { timeoutMs: MOVE_MS });
  if (result.code === 0) return;
  throw new Problem('openclaw/node-state', `the state of ${of.service} could not be moved`, {
    cause: plainText(result.stderr.trim().split('\n').at(-1) ?? '', 300) || (result.timedOut ? 'it took too long' : 'it did not say why'),
    fix: `look at what is there: lobsterpot logs ${of.service} ; then run the same command again`,
  });
}

/** Connects to the gateway as the node that was set aside, with a copy beside it, and tells what came of it. Can be done again. */
export async function tryOldNode(of: NodeState & { readonly name: string }): Promise<Standing> {
  const [, , ...rest] = nodeCommand(of.name, of.inside ?? INSIDE);
  const command = ['{node}', '--eval', TRY, pathsOf(of).old, NODE_READY_LINE, String(TRY_MS - 10_000), '{openclaw}', ...rest];
  return judgeOldNode(await of.once(of.service, command, { timeoutMs: TRY_MS }));
}

/** Only the gateway's own refusal of a device counts as one. Pure. */
export function judgeOldNode({ stdout, stderr }: Pick<RunResult, 'stdout' | 'stderr'>): Standing {
  if (stdout.includes(NODE_READY_LINE)) return { state: 'taken' };
  const said = /connect failed: (.*)/.exec(stdout)?.[1];
  const reason = plainText(said ?? (stderr.trim().split('\n').at(-1) || 'it said nothing'), 300);
  return { state: said !== undefined && /device token mismatch|pairing required|not paired/i.test(said) ? 'refused' : 'unclear', reason };
}

function pathsOf({ inside = INSIDE }: NodeState): { readonly now: string; readonly old: string } {
  return { now: `${inside.state}/openclaw`, old: `${inside.state}/openclaw.before` };
}
