import { constants } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { TrailReplaced } from '../../audit/index/trail-index.ts';
import type { Host } from '../../hosts/host.ts';
import { trailFileName, trailFileNumber } from '../../policy/trail-line.ts';

/**
 * Brings the copy of a trail that lies on another file system, or on another host, up to date: only what was written since
 * the last time is fetched, and what the gate dropped goes. Throws `TrailReplaced` when a file became shorter.
 */
export async function copyTrailOn(host: Host, from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  const [there, here] = [numbersIn(await host.list(from)), numbersIn(await readdir(to))];
  const oldest = there[0];
  // Whatever is in the middle stays, so that a hole there is told of.
  for (const file of here) if (oldest === undefined || file < oldest) await rm(join(to, trailFileName(file)));
  // One file is written at a time: all before the newest that was copied were whole then.
  const newest = here.at(-1) ?? 0;
  for (const file of there)
    if (file >= newest) await copyRest(host, join(from, trailFileName(file)), { file, to: join(to, trailFileName(file)) });
}

async function copyRest(host: Host, from: string, { file, to }: { readonly file: number; readonly to: string }): Promise<void> {
  await using handle = await open(to, constants.O_RDWR | constants.O_CREAT, 0o600);
  for (let have = (await handle.stat()).size; ;) {
    const rest = await restOf(host, from, have);
    if (!rest) return;
    if (rest.size < have) throw new TrailReplaced(file, `it had ${have} bytes and has ${rest.size}`);
    if (rest.bytes.length === 0) return;
    // At its place and not at the end: another command may copy the same bytes at the same time.
    await handle.write(rest.bytes, 0, rest.bytes.length, have);
    have += rest.bytes.length;
    if (have >= rest.size) return;
  }
}

async function restOf(
  host: Host,
  path: string,
  offset: number,
): Promise<{ readonly size: number; readonly bytes: Uint8Array } | undefined> {
  if (host.readFrom) return host.readFrom(path, offset);
  const content = await host.read(path);
  return content && { size: content.length, bytes: content.subarray(offset) };
}

function numbersIn(names: readonly string[]): readonly number[] {
  return names.flatMap((name) => trailFileNumber(name) ?? []).toSorted((a, b) => a - b);
}
