import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
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

/** What the proof says of each check; nothing has failed, and enough was tried. */
export async function proofOf(stage: FakeStage, where: string): Promise<readonly string[]> {
  const { findings, counts } = await proveDeployment(await stage.engine(), { disruptive: false });
  const failed = findings.filter((one) => one.status === 'fail').map((one) => `${one.checkId} ${one.subject}: ${one.message}`);
  assert.deepEqual(failed, [], where);
  assert.ok(counts.pass > 50, `${where}: ${counts.pass} pass`);
  return findings.map(({ checkId, subject, status }) => `${checkId} ${subject} ${status}`).toSorted();
}

/** Nothing to do, nothing that a killed run left, no secret but in its file; the proof says what `whole` says. */
export async function assertWhole(stage: FakeStage, whole: readonly string[], where: string): Promise<void> {
  const { changes } = await plan(await stage.engine());
  assert.deepEqual(changes.map(describeChange), [], where);
  assert.deepEqual(await proofOf(stage, where), whole, where);
  assert.deepEqual([stage.leftovers(), locksLeft(stage), secretsOutside(stage)], [[], [], []], where);
}

/** The next `up` after a kill: it is done, nothing is lost, and everything is as if nobody had been killed. */
export async function assertNextUp(stage: FakeStage, whole: readonly string[], where: string, more: readonly string[] = []): Promise<void> {
  const before = belongingsOf(stage);
  const { code, stderr } = await stage.cli(['apply', '--yes', ...more], { timeoutMs: UP_MS });
  assert.equal(code, 0, `${where}: ${stderr}`);
  await assertWhole(stage, whole, where);
  assert.deepEqual(lost(before, belongingsOf(stage)), [], where);
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
    growing: new Map([...growing, ['starts', stage.starts().join(' ')]]),
    // A name with a point in front is a file that was not whole.
    staying: read([...below('secrets'), ...below('backups/gateway-main')].filter((path) => !basename(path).startsWith('.'))),
  };
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
