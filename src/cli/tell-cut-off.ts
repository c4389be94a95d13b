import { describeRestoring, readRestoring } from '../converge/backup/restoring.ts';
import { readMove } from '../converge/upgrade/move-note.ts';
import type { Engine } from '../converge/engine.ts';
import { plainText } from '../core/plain-text.ts';
import type { Io } from './io.ts';

/** Says, beside what was asked, that an upgrade or a restore was cut off and what to type next; nothing where none was. */
export async function tellCutOff(io: Io, engine: Pick<Engine, 'local' | 'root'>): Promise<void> {
  const restoring = await readRestoring(engine);
  if (restoring) {
    const { what, goOn } = describeRestoring(restoring);
    io.talk(`note: ${what} was cut off; go on: ${goOn}\n`);
  }
  const note = await readMove(engine);
  if (!note) return;
  const [from, to] = [plainText(note.from, 20), plainText(note.to, 20)];
  io.talk(
    `note: the upgrade from OpenClaw ${from} to ${to} was cut off; go on: lobsterpot up ; or go back: lobsterpot restore --openclaw ${from}\n`,
  );
}
