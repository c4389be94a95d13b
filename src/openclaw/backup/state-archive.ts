import { readFileSync } from 'node:fs';

import { z } from 'zod';

import { plainText } from '../../core/plain-text.ts';
import { Problem } from '../../core/problem.ts';
import type { Once } from '../enrol.ts';

const facts = z.object({
  /** The version that made it. */
  openclaw: z.string().max(40),
  /** The version of its state database. */
  schema: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().positive(),
});
const taken = z.object({ bytes: z.number() });
const asides = z.object({ asides: z.array(z.object({ stamp: z.string().regex(/^[\w-]{1,80}$/), bytes: z.number() })) });

/** What is in an archive, found out by restoring it. */
export type ArchiveFacts = z.infer<typeof facts>;

/** A state that was moved aside for another one; `stamp` names it. */
export type Aside = z.infer<typeof asides>['asides'][number];

/** One service's state, reached through its own sandbox. */
export type StateAccess = { readonly once: Once; readonly service: string };

/** Of one answer or one input; base64 of it stays below what `Once` gives back. */
const PART_BYTES = 4 * 1024 ** 2;
const ARCHIVE_MS = 540_000;
const PART_MS = 60_000;

/** Makes an archive with OpenClaw's own backup, running or not, and restores it into a scratch folder to see that it can be. */
export async function makeArchive(of: StateAccess): Promise<ArchiveFacts> {
  return ask(of, 'be backed up', facts, ['make'], { timeoutMs: ARCHIVE_MS });
}

/** The bytes of the archive that was just made. */
export async function* readArchive(of: StateAccess, bytes: number): AsyncGenerator<Buffer> {
  for (let offset = 0; offset < bytes; offset += PART_BYTES) {
    const text = await run(of, 'be backed up', ['read', String(offset), String(PART_BYTES)], { timeoutMs: PART_MS });
    yield Buffer.from(text, 'base64');
  }
}

/** Brings an archive to the service; `content` may come in any pieces. */
export async function sendArchive(of: StateAccess, content: AsyncIterable<Uint8Array>): Promise<void> {
  let sent = 0;
  for await (const part of inParts(content)) {
    const stdin = part.toString('base64');
    const answer = await ask(of, 'take the backup', taken, ['take', String(sent)], { stdin, timeoutMs: PART_MS });
    sent += part.length;
    if (answer.bytes !== sent) throw refused(of, 'take the backup', `${answer.bytes} of ${sent} bytes arrived`);
  }
}

/** Restores the archive that was sent into a scratch folder; nothing of the service is touched. */
export async function tryArchive(of: StateAccess, sha256: string): Promise<ArchiveFacts> {
  return ask(of, 'be restored', facts, ['try', sha256], { timeoutMs: ARCHIVE_MS });
}

/** Puts the archive that was sent in the place of the state; what was there is kept under `stamp`. The service must be stopped. */
export async function activateArchive(of: StateAccess, sha256: string, stamp: string): Promise<void> {
  await run(of, 'be restored', ['activate', sha256, stamp], { timeoutMs: ARCHIVE_MS });
}

/** Puts the state back that was moved aside under `stamp`, if it is there. The service must be stopped. */
export async function putBack(of: StateAccess, stamp: string): Promise<void> {
  await run(of, 'be put back', ['putback', stamp], { timeoutMs: ARCHIVE_MS });
}

/** After a run that was cut off while it put an archive in place: the state is whole again, and is the one from before. The service must be stopped. */
export async function mendState(of: StateAccess): Promise<void> {
  await run(of, 'be mended', ['mend'], { timeoutMs: ARCHIVE_MS });
}

/** The states that were moved aside, oldest first. */
export async function listAsides(of: StateAccess): Promise<readonly Aside[]> {
  return (await ask(of, 'be looked at', asides, ['asides'], { timeoutMs: PART_MS })).asides;
}

/** Removes states that were moved aside. */
export async function forgetAsides(of: StateAccess, stamps: readonly string[]): Promise<void> {
  await run(of, 'be cleared', ['forget', ...stamps], { timeoutMs: ARCHIVE_MS });
}

/** Removes what making or sending an archive left. */
export async function clearArchive(of: StateAccess): Promise<void> {
  await run(of, 'be cleared', ['clear'], { timeoutMs: ARCHIVE_MS });
}

/** The same bytes in pieces of the size that is sent at once. */
export async function* inParts(content: AsyncIterable<Uint8Array>, size = PART_BYTES): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of content) {
    for (let at = 0; at < piece.length;) {
      const taking = piece.subarray(at, at + size - bytes);
      held.push(taking);
      bytes += taking.length;
      at += taking.length;
      if (bytes < size) continue;
      yield Buffer.concat(held);
      held = [];
      bytes = 0;
    }
  }
  if (bytes > 0) yield Buffer.concat(held);
}

type What = 'be backed up' | 'take the backup' | 'be restored' | 'be put back' | 'be mended' | 'be looked at' | 'be cleared';
type Options = { readonly stdin?: string; readonly timeoutMs: number };

async function ask<T>(of: StateAccess, what: What, schema: z.ZodType<T>, args: readonly string[], options: Options): Promise<T> {
  const text = await run(of, what, args, options);
  const parsed = schema.safeParse(parsedJson(text));
  if (parsed.success) return parsed.data;
  throw refused(of, what, `it answered: ${plainText(text, 200)}`);
}

async function run(of: StateAccess, what: What, args: readonly string[], options: Options): Promise<string> {
  const program = ['{node}', '--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', keeper(), '{openclaw}'];
  const result = await of.once(of.service, [...program, ...args], options);
  if (result.code === 0) return result.stdout;
  throw refused(
    of,
    what,
    result.timedOut ? 'it did not end in time' : lastWords(result.stderr) || `exit ${result.code ?? result.signal ?? 'unknown'}`,
  );
}

/** Of a program that ended badly the last lines that say something: no stack, no version of Node. Pure. */
export function lastWords(stderr: string): string {
  const lines = plainText(stderr, 64 * 1024).split('\n');
  const telling = lines.filter((line) => /\w/.test(line) && !/^\s*at |^Node\.js v/.test(line)).map((line) => line.trim());
  return plainText(telling.slice(-3).join(' / '), 1000);
}

function refused({ service }: StateAccess, what: What, cause: string): Problem {
  return new Problem('openclaw/backup', `the state of ${service} could not ${what}`, {
    cause,
    fix: fixOf(service, what, cause),
  });
}

function fixOf(service: string, what: What, cause: string): string {
  if (/ENOSPC|no space left|disk is full/i.test(cause)) return `free some space on the host of ${service}, then run the command again`;
  // The same archive would fail again.
  if (what === 'be restored') return 'take another backup: lobsterpot backup --list';
  return `look at it with: lobsterpot logs ${service} ; then run the command again`;
}

function keeper(): string {
  return readFileSync(new URL('./keeper.mjs', import.meta.url), 'utf8');
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
