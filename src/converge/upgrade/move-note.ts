import { join } from 'node:path';

import { z } from 'zod';

import { stableJson } from '../../core/json.ts';
import { Problem } from '../../core/problem.ts';
import type { Engine } from '../engine.ts';
import { hostRecordSchema } from '../records.ts';
import { reasonLine } from '../reason-line.ts';

const schema = z.strictObject({
  version: z.literal(1),
  /** The version that is left, and the one that is gone to. */
  from: z.string(),
  to: z.string(),
  /** When the backups were made. */
  at: z.iso.datetime(),
  /** What `versions.json` said before. */
  ran: z.record(z.string(), z.string()),
  /** Service -> its backup from before. */
  backups: z.record(z.string(), z.string()),
  /** What was on record of the hosts before: their images. */
  hosts: z.record(z.string(), hostRecordSchema),
  /** The states are being replaced by their backups. */
  isGoingBack: z.boolean(),
});

/** The way back of an upgrade that is not over: whoever goes on with it, after a kill too, goes back to the same. */
export type MoveNote = z.infer<typeof schema>;

type Place = Pick<Engine, 'local' | 'root'>;

/** undefined: no upgrade was cut off. */
export async function readMove({ local, root }: Place): Promise<MoveNote | undefined> {
  const content = await local.read(pathOf(root));
  if (!content) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(content).toString('utf8')));
  } catch (error) {
    throw new Problem('upgrade/note', 'an upgrade was cut off, and its note of the way back cannot be understood', {
      cause: `${pathOf(root)} is damaged, or from another version: ${reasonLine(error)}`,
      fix: `look for the states of before: lobsterpot backup --list ; then: rm ${pathOf(root)}`,
      from: error,
    });
  }
}

/** Written before the new version may touch a state. */
export async function writeMove({ local, root }: Place, note: MoveNote): Promise<void> {
  await local.write(pathOf(root), stableJson(note), { mode: 0o600 });
}

/** The upgrade is over, in whichever direction. */
export async function endMove({ local, root }: Place): Promise<void> {
  await local.remove(pathOf(root));
}

function pathOf(root: string): string {
  return join(root, 'upgrade.json');
}
