import type { Finding } from '../../core/finding.ts';
import type { Engine } from '../engine.ts';
import { writeJournal } from '../journal.ts';
import { takeLock } from '../lock.ts';
import { forgetPending, listPending } from './pending.ts';
import { rotationOf, type Rotation } from './rotation.ts';
import { commandOf, describeSubject, type Subject } from './subject.ts';

/** Tries the old credential, and lets go of it only when it is refused: an old one that is not proven dead is kept for the next run. */
export async function proveRotation(engine: Engine, subject: Subject, rotation: Rotation): Promise<readonly Finding[]> {
  const findings = await rotation.probe();
  const isDone = findings.length > 0 && isProven({ findings });
  if (isDone) await rotation.discard();
  await writeJournal(engine.root, { event: 'rotation', subject, outcome: isDone ? 'proven' : 'unproven' });
  return findings;
}

/** A rotation that an earlier run left open, and what came of it; without findings it still stands or was never more than begun. */
export type Finished = { readonly subject: Subject; readonly findings: readonly Finding[]; readonly note: string };

/**
 * Finishes every rotation that was cut off, once the deployment runs as its file says: what has a new credential is proven, what
 * has none is as it was before.
 */
export async function finishRotations(engine: Engine, command: string): Promise<readonly Finished[]> {
  if ((await listPending(engine)).length === 0) return [];
  await using _lock = await takeLock(engine.root, command, () => undefined);
  const finished: Finished[] = [];
  for (const { subject } of await listPending(engine)) finished.push(await finish(engine, subject));
  return finished;
}

/** Was everything that it came to proven? */
export function isProven({ findings }: Pick<Finished, 'findings'>): boolean {
  return findings.every((one) => one.status === 'pass');
}

async function finish(engine: Engine, subject: Subject): Promise<Finished> {
  const what = describeSubject(subject);
  const rotation = rotationOf(engine, subject);
  switch (await rotation.reached()) {
    case 'nothing':
      await forgetPending(engine, subject);
      return {
        subject,
        findings: [],
        note: `the ${what} was to be replaced by a run that was cut off, and is as before: ${commandOf(subject)}`,
      };
    case 'between':
      return { subject, findings: [], note: `the ${what} is being replaced, and that is not done: ${commandOf(subject)}` };
    case 'made':
      return {
        subject,
        findings: await proveRotation(engine, subject, rotation),
        note: `the ${what} was replaced by a run that was cut off; that is finished now`,
      };
  }
}
