import { join } from 'node:path';

import { z } from 'zod';

import { stableJson } from '../../core/json.ts';
import { plainText } from '../../core/plain-text.ts';
import { Problem } from '../../core/problem.ts';
import { EXIT } from '../../core/exit-code.ts';
import type { Engine } from '../engine.ts';
import { reasonLine } from '../reason-line.ts';

const schema = z.strictObject({
  version: z.literal(1),
  /** What the states from before are kept under. */
  stamp: z.string().regex(/^[\w-]{1,80}$/),
  /** Service -> the backup that takes the place of its state. */
  backups: z.record(z.string(), z.string()),
  /** Present where all of them go back to an earlier OpenClaw together. */
  openclaw: z.string().exactOptional(),
});

/** A restore that is not over: whoever finds it after a kill goes on with the same, and keeps the same state from before. */
export type Restoring = z.infer<typeof schema>;

type Place = Pick<Engine, 'local' | 'root'>;

/** undefined: no restore was cut off. */
export async function readRestoring({ local, root }: Place): Promise<Restoring | undefined> {
  const content = await local.read(pathOf(root));
  if (!content) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(content).toString('utf8')));
  } catch (error) {
    throw new Problem('backup/restoring', 'a restore was cut off, and what was noted of it cannot be understood', {
      cause: `${pathOf(root)} is damaged, or from another version: ${reasonLine(error)}`,
      fix: `rm ${pathOf(root)} ; then restore again: lobsterpot restore SERVICE`,
      from: error,
    });
  }
}

/** Written before a state is touched. */
export async function writeRestoring({ local, root }: Place, note: Restoring): Promise<void> {
  await local.write(pathOf(root), stableJson(note), { mode: 0o600 });
}

/** The restore is over: its backup runs, or what ran before does. */
export async function endRestoring({ local, root }: Place): Promise<void> {
  await local.remove(pathOf(root));
}

/** What a restore that was cut off is called, and what to type to go on with it. Pure. */
export function describeRestoring({ backups, openclaw }: Restoring): { readonly what: string; readonly goOn: string } {
  if (openclaw !== undefined) {
    const version = plainText(openclaw, 20);
    return { what: `going back to OpenClaw ${version}`, goOn: `lobsterpot restore --openclaw ${version}` };
  }
  const [[service, backup] = ['', '']] = Object.entries(backups);
  return { what: `the restore of ${plainText(service, 60)} from ${plainText(backup, 60)}`, goOn: 'lobsterpot up' };
}

/** Refuses to go on while a restore that was cut off has left a state half replaced; `but` tells those that may. */
export async function refuseRestoring(place: Place, but: (note: Restoring) => boolean = () => false): Promise<void> {
  const note = await readRestoring(place);
  if (!note || but(note)) return;
  const { what, goOn } = describeRestoring(note);
  throw new Problem('backup/cut-off', `${what} was cut off`, {
    cause: `the state of ${Object.keys(note.backups).join(', ')} may be half replaced; the one from before is kept beside it`,
    fix: goOn,
    exit: EXIT.usage,
  });
}

function pathOf(root: string): string {
  return join(root, 'restoring.json');
}
