import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { proveDeployment } from '../../src/cli/prove.ts';
import { plan } from '../../src/converge/engine.ts';
import { describeChange } from '../../src/converge/change.ts';
import { leaksBelow } from '../support/leaks.ts';
import type { FakeStage } from '../upgrade/fake-stage.ts';

/** What a deployment has, and a run that is killed must not lose. */
type Belongings = {
  /** Files that only grow, and the starts that the gateway's state knows of. */
  readonly growing: ReadonlyMap<string, string>;
  /** Files that stay as they are once they are there. */
  readonly staying: ReadonlyMap<string, string>;
};

const UP_MS = 60_000;
const STARTS = 'starts';

/** What the proof says of each check; nothing has failed, and enough was tried. */
export async function proofOf(stage: FakeStage, where: string): Promise<readonly string[]> {
  const { findings, counts } = await proveDeployment(await stage.engine(), { disruptive: false });
  const failed = findings.filter((one) => one.status === 'fail').map((one) => `${one.checkId} ${one.subject}: ${one.message}`);
  assert.deepEqual(failed, [], where);
  assert.ok(counts.pass > 50, `${where}: ${counts.pass} pass`);
  return findings.map(({ checkId, subject, status }) => `${checkId} ${subject} ${status}`).toSorted();
}

/** On a busy machine a probe may have had no time: what was not tried is tried once more. */
async function settledProof(stage: FakeStage, whole: readonly string[], where: string): Promise<readonly string[]> {
  const said = await proofOf(stage, where);
  const isOnlyUntried = said.every((one) => whole.includes(one) || one.endsWith(' unknown'));
  return isOnlyUntried && !isDeepStrictEqual(said, whole) ? proofOf(stage, where) : said;
}

/** Nothing to do, nothing that a killed run left, no secret but in its file; the proof says what `whole` says. */
export async function assertWhole(stage: FakeStage, whole: readonly string[], where: string): Promise<void> {
  const { changes } = await plan(await stage.engine());
  assert.deepEqual(changes.map(describeChange), [], where);
  assert.deepEqual(await settledProof(stage, whole, where), whole, where);
  assert.deepEqual([stage.leftovers(), locksLeft(stage), secretsOutside(stage)], [[], [], []], where);
}

/**
 * The next `up` after a kill, with another command before it or without: it is done, nothing is lost, and everything is as if nobody had
 * been killed. `replaces`: it may put another state in the place of the gateway's.
 */
export async function assertNextUp(
  stage: FakeStage,
  whole: readonly string[],
  where: string,
  { next, replaces = false }: { readonly next?: readonly string[]; readonly replaces?: boolean } = {},
): Promise<void> {
  const before = belongingsOf(stage);
  for (const args of [...(next ? [next] : []), ['apply', '--yes']]) {
    const { code, stderr } = await stage.cli(args, { timeoutMs: UP_MS });
    assert.equal(code, 0, `${where}: ${stderr}`);
  }
  await assertWhole(stage, whole, where);
  const gone = lost(before, belongingsOf(stage));
  assert.deepEqual(replaces ? gone.filter((path) => path !== STARTS) : gone, [], where);
}

function belongingsOf(stage: FakeStage): Belongings {
  const read = (paths: readonly string[]): ReadonlyMap<string, string> =>
    new Map(
      paths.filter((path) => existsSync(join(stage.root, path))).map((path) => [path, readFileSync(join(stage.root, path), 'latin1')]),
    );
  const below = (folder: string): readonly string[] =>
    existsSync(join(stage.root, folder)) ? readdirSync(join(stage.root, folder)).map((name) => join(folder, name)) : [];
  const growing = read(['journal.jsonl', ...below('services/gate/state/trail').filter((path) => path.endsWith('.jsonl'))]);
  return {
    growing: new Map([...growing, [STARTS, stage.starts().join(' ')]]),
    // A name with a point in front is a file that was not whole; an archive without a manifest is no backup.
    staying: read([...below('secrets').filter((path) => !basename(path).startsWith('.')), ...stage.backups().flatMap(filesOf)]),
  };
}

function filesOf(id: string): readonly string[] {
  return ['json', 'tar.gz'].map((kind) => join('backups/gateway-main', `${id}.${kind}`));
}

function lost(before: Belongings, after: Belongings): readonly string[] {
  return [
    ...[...before.growing].filter(([path, content]) => after.growing.get(path)?.startsWith(content) !== true),
    ...[...before.staying].filter(([path, content]) => after.staying.get(path) !== content),
  ].map(([path]) => path);
}

/** Who is at work: nobody. */
function locksLeft(stage: FakeStage): readonly string[] {
  return readdirSync(join(dirname(stage.root), '.locks')).filter((name) => name.endsWith('.json'));
}

function secretsOutside(stage: FakeStage): readonly string[] {
  const folder = join(stage.root, 'secrets');
  const planted = readdirSync(folder).map((name) => ({ name, value: readFileSync(join(folder, name), 'utf8').trim() }));
  assert.ok(planted.length > 0);
  return leaksBelow(stage.root, planted, (path) => /(^|\/)secrets\/[^/.][^/]*$/.test(path)).found.map((one) => one.path);
}
