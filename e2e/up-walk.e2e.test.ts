import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { z } from 'zod';
import { destroy } from '../src/converge/take-down.ts';
import { backupRounds, type Round } from './converge/backup-walk.ts';
import { assertNextUp, assertWhole, proofOf } from './converge/after-kill.ts';
import { parseJson } from './support/stage.ts';
import { setFakeStage, type FakeStage } from './upgrade/fake-stage.ts';

// A gateway with a small program in the place of OpenClaw: what needs the real one is in converge/each-kind.ts. One round mostly waits
// for services to start and for probes, so that a few deployments take turns side by side.
const stages = await Promise.all(['walk-a', 'walk-b', 'walk-c'].map((name) => setFakeStage(name)));
const [first] = stages;
const APPLY = ['apply', '--yes'];
const LIMIT = { timeoutMs: 90_000 };

const record = z.looseObject({ event: z.string(), outcome: z.string().optional(), change: z.looseObject({ kind: z.string() }).optional() });
const report = z.looseObject({
  findings: z.array(z.looseObject({ checkId: z.string(), subject: z.string(), status: z.string() })),
});

/** Each stage takes the next round when it is done with one; after a failure none takes another. */
async function inTurns(rounds: readonly Round[]): Promise<void> {
  const left = [...rounds];
  const failures: unknown[] = [];
  const lane = async (stage: FakeStage): Promise<void> => {
    for (let round = left.shift(); round && failures.length === 0; round = left.shift()) await round(stage);
  };
  await Promise.all(stages.map((stage) => lane(stage).catch((error: unknown) => failures.push(error))));
  if (failures.length > 0) throw failures[0];
}

/** From nothing, killed there; then the next `up`. */
function fromNothing(whole: readonly string[], at: Parameters<FakeStage['killedAt']>[1], where: string): Round {
  return async (stage) => {
    await destroy(await stage.engine(), 'lobsterpot destroy');
    assert.equal(await stage.killedAt(APPLY, at), true, where);
    await assertNextUp(stage, whole, where);
  };
}

describe('up and down, killed at every record of their journals; then the next up is done, verify says what it says of one that was never killed, nothing is lost, nothing is left over', () => {
  let whole: readonly string[] = [];

  after(async () => {
    await Promise.all(
      stages.map(async (stage) => {
        await stage.cli(['destroy', '--confirm', basename(stage.root)], LIMIT);
        stage[Symbol.dispose]();
      }),
    );
  });

  test('never killed: every sort of change is among its records, and verify as it is typed says the same', async (t) => {
    await Promise.all(
      stages.map(async (stage) => {
        const { code, stderr } = await stage.cli(APPLY, LIMIT);
        assert.equal(code, 0, stderr);
      }),
    );
    assert.ok(first);
    whole = await proofOf(first, 'never killed');
    const typed = await first.cli(['verify', '--json'], LIMIT);
    const said = report.parse(parseJson(typed.stdout)).findings;
    assert.deepEqual(said.map(({ checkId, subject, status }) => `${checkId} ${subject} ${status}`).toSorted(), whole);
    for (const stage of stages) await assertWhole(stage, whole, 'never killed');
    const kinds = new Set(recordsOf(first).map((one) => one.change?.kind));
    for (const kind of ['generate-secret', 'make-folder', 'place-secret', 'write-file', 'start-service']) assert.ok(kinds.has(kind), kind);
    t.diagnostic(`${recordsOf(first).length} records`);
  });

  test('down, killed at each of its records', async () => {
    const at = [1, 2].map((record): Round => async (stage) => {
      assert.equal(await stage.killedAt(['down'], record), true);
      await assertNextUp(stage, whole, `down, killed at record ${record}`);
    });
    await inTurns(at);
    assert.ok(first);
    assert.equal(await first.killedAt(['down'], 3), false, 'it has no more');
    await assertNextUp(first, whole, 'down');
  });

  test('up from nothing, killed at each of its records', async () => {
    assert.ok(first);
    await destroy(await first.engine(), 'lobsterpot destroy');
    assert.equal((await first.cli(APPLY, LIMIT)).code, 0);
    const records = recordsOf(first);
    await inTurns(
      records.map(({ event, outcome, change }, index) =>
        fromNothing(
          whole,
          index + 1,
          `up, killed at record ${index + 1} of ${records.length}: ${event} ${change?.kind ?? ''} ${outcome ?? ''}`,
        ),
      ),
    );
  });

  test('up from nothing, killed while it writes a file of each sort', async () => {
    const files = [
      '/secrets/gateway-main-token$',
      '/gateway-main/secrets/',
      '/inside/',
      '/gate/config/',
      '/spec.json$',
      '/versions.json$',
      '/applied.json$',
    ];
    await inTurns([...files, '/records.json$'].map((file) => fromNothing(whole, { file }, `up, killed while it writes ${file}`)));
  });

  test('backup and restore, killed at each of their records and while they write', async () => {
    await inTurns(backupRounds(whole));
  });
});

function recordsOf(stage: FakeStage): readonly z.infer<typeof record>[] {
  const lines = readFileSync(join(stage.root, 'journal.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => record.parse(parseJson(line)));
}
