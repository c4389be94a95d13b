import { describeRestoring, readRestoring } from '../converge/backup/restoring.ts';
import { listPending } from '../converge/rotate/pending.ts';
import { describeSubject } from '../converge/rotate/subject.ts';
import { readMove } from '../converge/upgrade/move-note.ts';
import type { Engine } from '../converge/engine.ts';
import { plainText } from '../core/plain-text.ts';
import type { Io } from './io.ts';

/**
 * Says, beside what was asked, that an upgrade, a restore or a rotation was cut off and what to type next; nothing where none was.
 * True: there is something to go on with.
 */
export async function tellCutOff(io: Io, engine: Pick<Engine, 'local' | 'root'>): Promise<boolean> {
  const restoring = await readRestoring(engine);
  if (restoring) {
    const { what, goOn } = describeRestoring(restoring);
    io.talk(`note: ${what} was cut off; go on: ${goOn}\n`);
  }
  const rotations = await listPending(engine);
  for (const { subject } of rotations)
    io.talk(`note: the ${describeSubject(subject)} is being replaced, or that was cut off; go on: lobsterpot up\n`);
  const note = await readMove(engine);
  if (!note) return restoring !== undefined || rotations.length > 0;
  const [from, to] = [plainText(note.from, 20), plainText(note.to, 20)];
  io.talk(
    `note: the upgrade from OpenClaw ${from} to ${to} was cut off; go on: lobsterpot up ; or go back: lobsterpot restore --openclaw ${from}\n`,
  );
  return true;
}
