import { randomBytes } from 'node:crypto';
import { plainText } from '../../core/plain-text.ts';
import { reasonOf } from '../../core/problem.ts';
import type { Runtime } from '../../runtimes/runtime.ts';
import type { Probe, Results } from './probe.ts';
import { attemptsOf } from './judge-service.ts';
import { insideScript, readResults } from './script.ts';
import type { Subject } from './subject.ts';

const ATTEMPT_MS = 2500;
const ALL_MS = 15_000;
const SCRIPT_MS = 25_000;

/** Tries everything inside one running service, in one go. A text instead of results says why there are none. */
export async function runInside(runtime: Pick<Runtime, 'inside'>, probes: readonly Probe[], subject: Subject): Promise<Results | string> {
  const marker = `lobsterpot-${randomBytes(12).toString('hex')} `;
  const script = insideScript({
    marker,
    canary: subject.canary,
    limitMs: ATTEMPT_MS,
    totalMs: ALL_MS,
    attempts: attemptsOf(probes, subject),
  });
  try {
    const ran = await runtime.inside(subject.service.name, ['{node}', '--input-type=module', '-'], { stdin: script, timeoutMs: SCRIPT_MS });
    if (ran.timedOut) return `the probe did not end within ${SCRIPT_MS / 1000} s`;
    const results = readResults(ran.stdout, marker);
    return results ?? `the probe did not report (${plainText(ran.stderr, 200).trim() || `exit ${ran.code ?? ran.signal}`})`;
  } catch (error) {
    return `the probe could not be started (${reasonOf(error)})`;
  }
}
