import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { z } from 'zod';
import { leaksBelow } from './support/leaks.ts';
import { parseJson } from './support/stage.ts';
import { setFakeStage } from './upgrade/fake-stage.ts';

// A gateway with a small program in the place of OpenClaw: what needs the real one is in converge/each-kind.ts.
const stage = await setFakeStage();
const APPLY = ['apply', '--yes'];
const LIMIT = { timeoutMs: 90_000 };

const record = z.looseObject({
  event: z.string(),
  outcome: z.string().optional(),
  change: z.looseObject({ kind: z.string(), service: z.string().optional() }).optional(),
});
const report = z.looseObject({
  counts: z.looseObject({ fail: z.number(), pass: z.number() }),
  findings: z.array(z.looseObject({ checkId: z.string(), subject: z.string(), status: z.string() })),
});

/** Every sort of record of a journal -> where the first and the last of its sort are, counted from one. */
function sortsOf(journal: string): ReadonlyMap<string, readonly number[]> {
  const lines = journal.trim().split('\n');
  const sorts = Map.groupBy(
    lines.map((line, index) => ({ ...record.parse(parseJson(line)), count: index + 1 })),
    ({ event, outcome = '', change }) => [event, change?.kind, change?.kind === 'start-service' ? change.service : '', outcome].join(' '),
  );
  return new Map([...sorts].map(([sort, all]) => [sort, [...new Set([all[0]?.count ?? 0, all.at(-1)?.count ?? 0])]]));
}

/** What the proof says of each check; with nothing failed. */
async function proof(): Promise<readonly string[]> {
  const { stdout, stderr } = await stage.cli(['verify', '--json'], LIMIT);
  const parsed = report.safeParse(parseJson(stdout));
  assert.ok(parsed.success, stdout + stderr);
  assert.equal(parsed.data.counts.fail, 0, stdout);
  assert.ok(parsed.data.counts.pass > 50, `${parsed.data.counts.pass} pass`);
  return parsed.data.findings.map(({ checkId, subject, status }) => `${checkId} ${subject} ${status}`).toSorted();
}

function secretsOutside(): readonly string[] {
  const folder = join(stage.root, 'secrets');
  const planted = readdirSync(folder).map((name) => ({ name, value: readFileSync(join(folder, name), 'utf8').trim() }));
  assert.ok(planted.length > 0);
  return leaksBelow(stage.root, planted, (path) => /(^|\/)secrets\/[^/.][^/]*$/.test(path)).found.map((one) => one.path);
}

describe('up and down, killed at a record of every sort of their journals: the first and the last of each', () => {
  after(async () => {
    await stage.cli(['destroy', '--confirm', 'home'], LIMIT);
    stage[Symbol.dispose]();
  });

  test('then the next up is done, the proof says of every check what it says of one that was never killed, nothing is left over', async (t) => {
    const first = await stage.cli(APPLY, LIMIT);
    assert.equal(first.code, 0, first.stderr);
    const sorts = sortsOf(readFileSync(join(stage.root, 'journal.jsonl'), 'utf8'));
    const kinds = ['generate-secret', 'make-folder', 'place-secret', 'write-file', 'start-service gate', 'start-service gateway-main'];
    for (const kind of kinds)
      assert.ok(
        [...sorts.keys()].some((sort) => sort.includes(kind)),
        kind,
      );
    const whole = await proof();

    const nextUp = async (where: string): Promise<void> => {
      const { code, stderr } = await stage.cli(APPLY, LIMIT);
      assert.equal(code, 0, `${where}: ${stderr}`);
      assert.equal((await stage.cli(['status'], LIMIT)).code, 0, where);
      assert.deepEqual(await proof(), whole, where);
      assert.equal((await stage.cli(['plan'])).code, 0, where);
      assert.deepEqual([stage.leftovers(), secretsOutside()], [[], []], where);
    };

    for (const at of [1, 2]) {
      assert.equal(await stage.killedAt(['down'], at), true);
      await nextUp(`down, killed at record ${at}`);
    }
    for (const [sort, records] of sorts) {
      for (const at of records) {
        assert.equal((await stage.cli(['destroy', '--confirm', 'home'], LIMIT)).code, 0);
        assert.equal(await stage.killedAt(APPLY, at), true, sort);
        await nextUp(`up, killed at record ${at}: ${sort}`);
      }
    }
    t.diagnostic(
      `${[...sorts.values()].flat().length} of ${[...sorts.values()].flat().toSorted((a, b) => b - a)[0]} records, ${sorts.size} sorts`,
    );
  });
});
