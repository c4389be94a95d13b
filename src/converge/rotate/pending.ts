import { join } from 'node:path';

import { z } from 'zod';

import { stableJson } from '../../core/json.ts';
import { Problem } from '../../core/problem.ts';
import { Redacted } from '../../core/redacted.ts';
import type { Engine } from '../engine.ts';
import { KINDS, type Subject } from './subject.ts';
import { reasonLine } from '../reason-line.ts';

const pendingSchema = z.strictObject({
  version: z.literal(1),
  subject: z.strictObject({ kind: z.enum(KINDS), name: z.string() }),
  begunAt: z.iso.datetime(),
  /** An identity alone: what the node was known by before. */
  oldNode: z
    .strictObject({ deviceId: z.string().regex(/^[0-9a-f]{64}$/), enrolledAt: z.iso.datetime(), execPolicy: z.string() })
    .exactOptional(),
});

/** A rotation that was begun and not proven yet: a file of the operator's folder, and beside it the old value. */
export type Pending = z.infer<typeof pendingSchema>;

type Place = Pick<Engine, 'local' | 'root'>;

/** The rotation of this credential that is under way; undefined when there is none. */
export async function readPending(engine: Place, subject: Subject): Promise<Pending | undefined> {
  return read(engine, `${nameOf(subject)}.json`);
}

/** Every rotation that is under way. */
export async function listPending(engine: Place): Promise<readonly Pending[]> {
  const names = (await engine.local.list(folderOf(engine))).filter((name) => name.endsWith('.json'));
  const found = await Promise.all(names.map((name) => read(engine, name)));
  return found.flatMap((one) => (one ? [one] : []));
}

/** Puts it on disk, before anything is changed. */
export async function writePending(engine: Place, pending: Pending): Promise<void> {
  await engine.local.makeFolder(folderOf(engine), { mode: 0o700 });
  await engine.local.write(join(folderOf(engine), `${nameOf(pending.subject)}.json`), stableJson(pending), { mode: 0o600 });
}

/** The old value, as long as the new one is not proven. */
export async function readOld(engine: Place, subject: Subject): Promise<Redacted | undefined> {
  const content = await engine.local.read(oldPath(engine, subject));
  return content ? new Redacted(Buffer.from(content).toString('utf8')) : undefined;
}

/** Keeps the old value beside the operator's secrets, 0600. */
export async function keepOld(engine: Place, subject: Subject, value: Redacted): Promise<void> {
  await engine.local.write(oldPath(engine, subject), value.reveal(), { mode: 0o600 });
}

/** Nothing is under way any more: the old value is gone from here, and after it the note of it. */
export async function forgetPending(engine: Place, subject: Subject): Promise<void> {
  await engine.local.remove(oldPath(engine, subject));
  await engine.local.remove(join(folderOf(engine), `${nameOf(subject)}.json`));
}

async function read(engine: Place, name: string): Promise<Pending | undefined> {
  const path = join(folderOf(engine), name);
  const content = await engine.local.read(path);
  if (!content) return undefined;
  try {
    return pendingSchema.parse(JSON.parse(Buffer.from(content).toString('utf8')));
  } catch (error) {
    throw new Problem('rotate/pending', `the note of a rotation, ${path}, cannot be understood`, {
      cause: `damaged, or from another version: ${reasonLine(error)}`,
      // The old value lies beside it, and nobody else would find it.
      fix: `rm -f ${path} ${path.replace(/json$/, 'old')} ; then: lobsterpot up`,
      from: error,
    });
  }
}

function folderOf({ root }: Place): string {
  return join(root, 'rotations');
}

function oldPath(engine: Place, subject: Subject): string {
  return join(folderOf(engine), `${nameOf(subject)}.old`);
}

function nameOf({ kind, name }: Subject): string {
  return `${kind}.${name}`;
}
