import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { leaksBelow } from '../support/leaks.ts';
import { parseJson, statusOf, type Stage } from '../support/stage.ts';

/** What `rotate --json` says. */
export const rotatedDocument = z.object({
  proven: z.boolean(),
  findings: z.array(z.object({ checkId: z.string(), status: z.string(), message: z.string() })),
  outages: z.array(z.object({ service: z.string(), ms: z.number() })),
  wholeMs: z.number().nullable(),
  away: z.array(z.string()),
});

export type RotatedDocument = z.infer<typeof rotatedDocument>;

/** Runs `rotate` to its end, which must be good: all proven, everything back, nothing of it left, nothing to do afterwards. */
export async function rotateWell(stage: Stage, args: readonly string[], stdin = ''): Promise<RotatedDocument> {
  const { code, stdout, stderr } = await stage.cli(['rotate', ...args, '--yes', '--json'], { stdin, timeoutMs: 150_000 });
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  const document = rotatedDocument.parse(parseJson(stdout));
  assert.deepEqual([document.proven, document.away, new Set(document.findings.map((one) => one.status))], [true, [], new Set(['pass'])]);
  await settled(stage);
  return document;
}

/** Nothing of a rotation is left, and the deployment is as its file says. */
export async function settled(stage: Stage): Promise<void> {
  assert.deepEqual(readdirSync(join(stage.root, 'rotations')), []);
  const plan = await stage.cli(['plan']);
  assert.equal(plan.code, 0, plan.stdout);
  const status = await statusOf(stage);
  assert.deepEqual([status.code, status.strangers], [0, []]);
  const ran = await stage.cli(['exec', 'nas', '--', '/usr/bin/uname', '-n']);
  assert.deepEqual([ran.code, ran.stdout], [0, 'nas\n'], ran.stderr);
}

/** A value is in no file below the home any more. */
export function assertGone(stage: Stage, name: string, value: string): void {
  const { files, found } = leaksBelow(stage.home, [{ name, value }], () => false);
  assert.ok(files > 20);
  assert.deepEqual(found, []);
}

/** Service name -> its process; what was started anew has another one. */
export async function pidsOf(stage: Stage): Promise<ReadonlyMap<string, number | undefined>> {
  return new Map((await statusOf(stage)).services.map((one) => [one.name, one.pid]));
}

/** The services whose process is another one. */
export async function startedAnew(stage: Stage, before: ReadonlyMap<string, number | undefined>): Promise<readonly string[]> {
  const now = await pidsOf(stage);
  return [...now].flatMap(([name, pid]) => (before.get(name) === pid ? [] : [name]));
}
