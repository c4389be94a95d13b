import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FakeStage } from '../upgrade/fake-stage.ts';
import { OLD } from '../upgrade/versions-folder.ts';
import { assertNextUp, assertWhole } from './after-kill.ts';

/** One kill, and what must hold after it. */
export type Round = (stage: FakeStage) => Promise<void>;

type At = Parameters<FakeStage['killedAt']>[1];

const GATEWAY = 'gateway-main';
const RESTORE = ['restore', GATEWAY, '--yes'];
/** The record of a restore that says that the state is replaced; its service is not started yet. */
const REPLACED = 3;

/** `backup`, killed there: none is counted that is not whole, and what was begun is gone after the next `up`. */
function backup(whole: readonly string[], at: At, more: number): Round {
  return async (stage) => {
    const where = `backup, killed at ${JSON.stringify(at)}`;
    const before = stage.backups();
    assert.equal(await stage.killedAt(['backup'], at), true, where);
    assert.equal(stage.backups().length, before.length + more, where);
    await assertNextUp(stage, whole, where);
    assert.equal(stage.backups().length, before.length + more, where);
  };
}

/** `restore`, killed there; the next command ends it: the state of then runs, and the one from before is kept whole. */
function restore(whole: readonly string[], at: At, next?: readonly string[]): Round {
  return async (stage) => {
    const where = `restore, killed at ${JSON.stringify(at)}, then ${next?.join(' ') ?? 'up'}`;
    const { old, now, asides } = await begin(stage, where);
    assert.equal(await stage.killedAt(RESTORE, at), true, where);
    await assertNextUp(stage, whole, where, { replaces: true, ...(next ? { next } : {}) });
    assert.deepEqual(stage.starts(), [...old, OLD], where);
    assert.deepEqual(keptSince(stage, asides), [now], where);
  };
}

/** A restore that cannot be ended: the state from before runs. */
function spoiled(whole: readonly string[], at: At, spoil: (archive: string) => void, code: number): Round {
  return async (stage) => {
    const where = `restore, killed at ${JSON.stringify(at)}, and its backup is spoiled`;
    const { now, asides } = await begin(stage, where);
    assert.equal(await stage.killedAt(RESTORE, at), true, where);
    const newest = stage.backups().at(-1) ?? '';
    spoil(join(stage.root, 'backups', GATEWAY, newest));
    const up = await stage.cli(['apply', '--yes'], { timeoutMs: 60_000 });
    assert.equal(up.code, code, `${where}: ${up.stderr}`);
    assert.match(up.stderr, code === 0 ? /that backup is gone/ : /its state from before is back and runs/, where);
    assert.deepEqual([stage.starts(), keptSince(stage, asides)], [[...now, OLD], []], where);
    for (const kind of ['json', 'tar.gz']) rmSync(join(stage.root, 'backups', GATEWAY, `${newest}.${kind}`), { force: true });
    assert.equal((await stage.cli(['apply', '--yes'])).code, 0, where);
    await assertWhole(stage, whole, where);
  };
}

/** While a restore is not over: it is told, and what would make it worse is refused. */
function told(whole: readonly string[]): Round {
  return async (stage) => {
    const { old } = await begin(stage, 'told');
    assert.equal(await stage.killedAt(RESTORE, REPLACED), true);
    const id = stage.backups().at(-1);
    for (const command of ['plan', 'status']) {
      const { code, stderr } = await stage.cli([command]);
      // `up` has something to do, whatever the files look like.
      if (command === 'plan') assert.equal(code, 2, stderr);
      assert.ok(stderr.includes(`the restore of ${GATEWAY} from ${id} was cut off; go on: lobsterpot up\n`), `${command}: ${stderr}`);
    }
    for (const args of [['backup'], ['prune', '--yes'], ['restore', '--openclaw', OLD, '--yes']]) {
      const { code, stderr } = await stage.cli(args);
      assert.equal(code, 3, `${args.join(' ')}: ${stderr}`);
      assert.match(stderr, /was cut off .*\n.*kept beside it\n +fix: +lobsterpot up\n/, args.join(' '));
    }
    await assertNextUp(stage, whole, 'told', { replaces: true });
    assert.deepEqual(stage.starts(), [...old, OLD]);
  };
}

/** A new backup, and a state that has gone on since. */
async function begin(
  stage: FakeStage,
  where: string,
): Promise<{ readonly old: readonly string[]; readonly now: readonly string[]; readonly asides: readonly string[] }> {
  const old = stage.starts();
  const { code, stderr } = await stage.cli(['backup'], { timeoutMs: 60_000 });
  assert.equal(code, 0, `${where}: ${stderr}`);
  stage.mark(where);
  return { old, now: stage.starts(), asides: stage.asides() };
}

/** What the states that were moved aside since know. */
function keptSince(stage: FakeStage, before: readonly string[]): readonly (readonly string[])[] {
  return stage.asides().flatMap((stamp) => (before.includes(stamp) ? [] : [stage.starts(stamp)]));
}

/** Every record of `backup` and of `restore SERVICE`, and the files that they write. */
export function backupRounds(whole: readonly string[]): readonly Round[] {
  return [
    backup(whole, 1, 0),
    backup(whole, { file: 'backups/.*tar.gz$' }, 0),
    backup(whole, { file: 'backups/.*json$' }, 0),
    backup(whole, 2, 1),
    restore(whole, { file: '/restoring.json$' }, RESTORE),
    ...[1, 2, 3, 4].map((record) => restore(whole, record)),
    ...[2, 3].map((record) => restore(whole, record, RESTORE)),
    spoiled(whole, REPLACED, (path) => writeFileSync(`${path}.tar.gz`, 'spoiled'), 1),
    spoiled(whole, REPLACED, (path) => rmSync(`${path}.tar.gz`), 0),
    spoiled(whole, 2, (path) => rmSync(`${path}.json`), 0),
    told(whole),
  ];
}
