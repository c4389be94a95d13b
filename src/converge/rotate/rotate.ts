import { Problem } from '../../core/problem.ts';
import type { Finding } from '../../core/finding.ts';
import type { Redacted } from '../../core/redacted.ts';
import { apply, type Around } from '../apply.ts';
import { describeChange } from '../change.ts';
import { plan, siteOf, type Engine } from '../engine.ts';
import { takeHostLocksThere } from '../host-lock.ts';
import { writeJournal } from '../journal.ts';
import { takeLock } from '../lock.ts';
import { nodesBack } from '../nodes-back.ts';
import { proveRotation } from './finish.ts';
import { readPending, writePending } from './pending.ts';
import { rotationOf, type Rotation } from './rotation.ts';
import { stopwatch, type Outage } from './stopwatch.ts';
import { checkSubject, commandOf, describeSubject, restartedFor, touchedAtOnce, type Subject } from './subject.ts';

export type RotateOptions = {
  /** The new value of a secret. */
  readonly value?: Redacted;
  readonly around: Around;
  readonly onNote: (text: string) => void;
  /** Shows the two parts that are no change of the plan while they run. */
  readonly onStep: <T>(name: 'node hosts' | 'proof', work: () => Promise<T>, result: (value: T) => string) => Promise<T>;
};

/** What a rotation did and what was proven of it. */
export type Rotated = {
  readonly subject: Subject;
  readonly findings: readonly Finding[];
  readonly outages: readonly Outage[];
  /** From the first service that went away until every node was with its gateway again; undefined when nothing was interrupted. */
  readonly wholeMs?: number;
  /** Nodes that were not back in time. */
  readonly away: readonly string[];
};

/** What can be told before anything is done. */
export type Outlook = { readonly subject: Subject; readonly restarts: readonly string[]; readonly isResumed: boolean };

/**
 * Refuses what cannot be rotated now: what the file does not have, and a deployment that is not as its file says, because `apply`
 * would change more than the credential.
 */
export async function lookAhead(engine: Engine, subject: Subject): Promise<Outlook> {
  checkSubject(engine.deployment, subject);
  const isResumed = (await readPending(engine, subject)) !== undefined;
  const { changes, desired } = await plan(engine);
  const [change] = changes;
  if (change && !isResumed) {
    throw new Problem('rotate/unsettled', `the ${describeSubject(subject)} is not replaced while something else is to be changed`, {
      cause: `the deployment is not as its file says: ${describeChange(change).replaceAll(/ +/g, ' ')}${changes.length > 1 ? `, and ${changes.length - 1} more` : ''}`,
      fix: `lobsterpot up ; then: ${commandOf(subject)}`,
    });
  }
  return { subject, restarts: restartedFor(subject, desired.services).map((one) => one.name), isResumed };
}

/**
 * Replaces one credential: a new one is made, put where it is used, and the old one tried until it is refused. The old one is kept
 * until then. Killed at any moment, the next run of the same or `up` finishes it; when it fails the old one is in force again.
 */
export async function rotate(engine: Engine, subject: Subject, options: RotateOptions): Promise<Rotated> {
  const command = commandOf(subject);
  const rotation = rotationOf(engine, subject, options.value);
  await rotation.check();
  const watch = stopwatch(options.around);
  await begin(engine, subject, rotation, watch.begin);
  try {
    await apply(engine, { command, around: watch.around, onNote: options.onNote });
  } catch (error) {
    // Whoever holds the lock found the new one and is putting it in force.
    if (!(error instanceof Problem && error.code === 'converge/locked')) await goBack(engine, subject, rotation, options.onNote);
    throw error;
  }
  const away = await options.onStep('node hosts', () => nodesBack(engine), toldAway);
  const wholeMs = watch.sinceFirst();
  await using _lock = await takeLock(engine.root, command, () => undefined);
  if (!(await readPending(engine, subject))) throw finishedByOthers(subject);
  const findings = await options.onStep('proof', () => proveRotation(engine, subject, rotation), toldProof);
  return { subject, findings, outages: watch.outages, ...(wholeMs === undefined ? {} : { wholeMs }), away };
}

async function begin(engine: Engine, subject: Subject, rotation: Rotation, onStop: () => void): Promise<void> {
  await using _lock = await takeLock(engine.root, commandOf(subject), () => undefined);
  const sites = await Promise.all(touchedAtOnce(subject, engine.deployment).map((host) => siteOf(engine, { host })));
  await using _hosts = await takeHostLocksThere(engine, sites, commandOf(subject));
  if (!(await readPending(engine, subject))) await writePending(engine, { version: 1, subject, begunAt: new Date().toISOString() });
  await writeJournal(engine.root, { event: 'rotation', subject, outcome: 'begun' });
  // Nothing runs with a key that is moved.
  if (subject.kind === 'identity') onStop();
  await rotation.prepare();
}

async function goBack(engine: Engine, subject: Subject, rotation: Rotation, onNote: (text: string) => void): Promise<void> {
  try {
    await using _lock = await takeLock(engine.root, commandOf(subject), () => undefined);
    await rotation.revert();
    await writeJournal(engine.root, { event: 'rotation', subject, outcome: 'reverted' });
    onNote(`the ${describeSubject(subject)} is the old one again`);
  } catch {
    // What failed first is told; the old one is still kept, and the next run takes it from there.
    onNote(`the old ${describeSubject(subject)} is kept; to go on: ${commandOf(subject)}`);
  }
}

/** The lock is given back for `apply`: an `up` that came in between saw a rotation under way, and finished it. */
function finishedByOthers(subject: Subject): Problem {
  return new Problem('rotate/finished', `the ${describeSubject(subject)} was replaced, and another run saw to the end of it`, {
    cause: 'an up on this deployment came in between and found it under way; what it proved, it told there',
    fix: 'see how everything is: lobsterpot status',
  });
}

function toldAway(away: readonly string[]): string {
  return away.length === 0 ? 'connected' : `not back yet: ${away.join(', ')}`;
}

function toldProof(findings: readonly Finding[]): string {
  const count = (status: Finding['status']): number => findings.filter((one) => one.status === status).length;
  return `${count('pass')} pass, ${count('fail')} fail, ${count('unknown')} not tried`;
}
