import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { assertWhole, proofOf } from './converge/after-kill.ts';
import { setFakeStage, type FakeStage } from './upgrade/fake-stage.ts';
import { NEW, OLD } from './upgrade/versions-folder.ts';

// Every record of the journal of an upgrade, one after the other, is where it is killed once. Two small programs stand for two versions
// of OpenClaw, so that some hundred runs take minutes; the real ones are in upgrade/scenario.ts.
const APPLY = ['apply', '--yes'];
const BACK = ['restore', '--openclaw', OLD, '--yes'];
/** Far more than an upgrade has records. */
const MOST = 100;

describe('upgrade, killed at every record of its journal', () => {
  let stage: FakeStage;
  let whole: readonly string[] = [];

  before(async () => {
    stage = await setFakeStage();
    const { code, stderr } = await stage.cli(APPLY, { timeoutMs: 60_000 });
    assert.equal(code, 0, stderr);
    whole = await proofOf(stage, 'never killed');
  });
  after(async () => {
    await stage.cli(['destroy', '--confirm', 'home'], { timeoutMs: 60_000 });
    stage[Symbol.dispose]();
  });

  /** One version, whole, with the state that the old one made; nothing to do, nothing left over, proven. */
  async function settled(version: string, where: string): Promise<void> {
    assert.deepEqual(stage.state(), { schema: version === OLD ? 17 : 18, born: `born ${OLD}`, last: version }, where);
    stage.ask(version);
    await assertWhole(stage, whole, where);
  }

  /** Goes back to the old version; killed on the way, `up` says what ends it, and that does; what the new one left is kept. */
  async function goneBack(record: number, where: string): Promise<void> {
    const [left, asides] = [stage.starts(), stage.asides()];
    if (await stage.killedAt(BACK, record)) {
      const up = await stage.cli(APPLY, { timeoutMs: 60_000 });
      assert.equal(up.code, 3, `${where}: ${up.stderr}`);
      assert.match(up.stderr, /fix: +lobsterpot restore --openclaw 2026\.9\.4\n/, where);
      const back = await stage.cli(BACK, { timeoutMs: 60_000 });
      assert.equal(back.code, 0, `${where}: ${back.stderr}`);
    }
    assert.equal(stage.asked(), OLD, where);
    const kept = stage.asides().filter((stamp) => !asides.includes(stamp));
    assert.ok(
      kept.some((stamp) => isDeepStrictEqual(stage.starts(stamp), left)),
      where,
    );
    // What ends a run that was cut off is `up`.
    assert.equal((await stage.cli(APPLY, { timeoutMs: 60_000 })).code, 0, where);
    await settled(OLD, where);
  }

  /** Kills the upgrade at each record in turn, has `next` go on, and brings the old version back for the following one. */
  async function walk(next: (where: string, record: number) => Promise<void>): Promise<number> {
    for (let record = 1; record < MOST; record += 1) {
      stage.ask(NEW);
      if (!(await stage.killedAt(APPLY, record))) return record - 1;
      await next(`killed at record ${record}`, record);
    }
    throw new Error(`more than ${MOST} records`);
  }

  test('killed anywhere -> the next up is done: the new version, nothing lost, nothing left over; restore --openclaw goes back, killed at every record too', async (t) => {
    const records = await walk(async (where, record) => {
      const up = await stage.cli(APPLY, { timeoutMs: 60_000 });
      assert.equal(up.code, 0, `${where}: ${up.stderr}`);
      await settled(NEW, where);
      // The same number of another journal: each of its records has its turn too.
      await goneBack(record, `restore --openclaw, killed at record ${record}`);
    });
    t.diagnostic(`${records} records`);
    assert.ok(records >= 8, `${records} records`);
    const back = await stage.cli(BACK, { timeoutMs: 60_000 });
    assert.equal(back.code, 0, back.stderr);
  });

  test('killed anywhere, and the new version never gets healthy -> the next up goes back: the old version and its state; the file still asks, and it says so', async (t) => {
    stage.breakVersion(true);
    const records = await walk(async (where) => {
      const up = await stage.cli(APPLY, { timeoutMs: 60_000 });
      assert.equal(up.code, 1, `${where}: ${up.stderr}`);
      assert.match(up.stderr, /failed; OpenClaw 2026\.9\.4 (runs again, with its state from before|still runs and was not touched)/, where);
      assert.match(up.stderr, /the file still asks for 2026\.9\.6: set openclaw: 2026\.9\.4 to stay/, where);
      await settled(OLD, where);
    });
    t.diagnostic(`${records} records`);
    assert.ok(records >= 12, `${records} records`);
    await settled(OLD, 'never killed');
    stage.breakVersion(false);
  });

  test('killed, and the same upgrade typed again fails -> the file asks for the old version too', async () => {
    stage.breakVersion(true);
    stage.ask(NEW);
    assert.equal(await stage.killedAt(APPLY, 6), true);
    const { code, stderr } = await stage.cli(['upgrade', NEW, '--yes'], { timeoutMs: 60_000 });
    assert.equal(code, 1, stderr);
    assert.equal(stage.asked(), OLD);
    await settled(OLD, 'typed again');
    stage.breakVersion(false);
  });

  test('killed after its last change and before its proof -> the next up proves it, which an up with nothing to do does not', async () => {
    const proven = /^ +proof +\d+ pass, 0 fail/m;
    assert.match((await stage.cli(['up', '--yes'], { timeoutMs: 120_000 })).stderr, proven);
    assert.doesNotMatch((await stage.cli(['up', '--yes'])).stderr, proven);
    assert.equal(await stage.killedAt(['upgrade', NEW, '--yes'], '"event":"end","outcome":"done"'), true);
    assert.equal(stage.asked(), NEW);
    const up = await stage.cli(['up', '--yes'], { timeoutMs: 120_000 });
    assert.equal(up.code, 0, up.stderr);
    assert.match(up.stderr, proven);
    await settled(NEW, 'proven');
    const back = await stage.cli(BACK, { timeoutMs: 60_000 });
    assert.equal(back.code, 0, back.stderr);
    await settled(OLD, 'back');
  });

  test('killed, and nothing typed yet -> plan and status say so and what to type; restore --openclaw goes back at once', async () => {
    stage.ask(NEW);
    assert.equal(await stage.killedAt(APPLY, 6), true);
    for (const command of ['plan', 'status']) {
      const { stderr } = await stage.cli([command]);
      assert.match(stderr, /cut off; go on: lobsterpot up ; or go back: lobsterpot restore --openclaw 2026\.9\.4\n/, command);
    }
    const back = await stage.cli(BACK, { timeoutMs: 60_000 });
    assert.equal(back.code, 0, back.stderr);
    assert.equal(stage.asked(), OLD);
    await settled(OLD, 'gone back');
    assert.doesNotMatch((await stage.cli(['plan'])).stderr, /cut off/);
  });

  test('killed, and the file put back by hand -> refused before anything is touched, with the way back; that is done', async () => {
    stage.ask(NEW);
    assert.equal(await stage.killedAt(APPLY, 6), true);
    stage.ask(OLD);
    const refused = await stage.cli(APPLY);
    assert.equal(refused.code, 3, refused.stderr);
    assert.match(refused.stderr, /lobsterpot restore --openclaw 2026\.9\.4/);
    const back = await stage.cli(BACK, { timeoutMs: 60_000 });
    assert.equal(back.code, 0, back.stderr);
    await settled(OLD, 'put back by hand');
  });

  test('restore --openclaw, and the old version does not get healthy -> the file and the state of now are back, and up starts them', async () => {
    stage.ask(NEW);
    assert.equal((await stage.cli(APPLY, { timeoutMs: 60_000 })).code, 0);
    const [now, asides] = [stage.starts(), stage.asides()];
    stage.breakVersion(true, OLD);
    const { code, stderr } = await stage.cli(BACK, { timeoutMs: 60_000 });
    stage.breakVersion(false, OLD);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /2026\.9\.4 does not run with the states of then; those of now are back/);
    assert.deepEqual([stage.asked(), stage.starts(), stage.asides()], [NEW, now, asides]);
    assert.equal((await stage.cli(APPLY, { timeoutMs: 60_000 })).code, 0);
    assert.deepEqual(stage.starts(), [...now, NEW]);
    await settled(NEW, 'not gone back');
  });
});
