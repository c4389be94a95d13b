import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { PLAIN_PATH, run } from '../../src/hosts/run.ts';
import { statusOf, type Stage } from '../support/stage.ts';
import { leftovers, secretsOutside } from './each-kind.ts';
import { killedRun } from './killed-run.ts';

const record = z.looseObject({ event: z.string(), outcome: z.string().optional(), change: z.looseObject({ kind: z.string() }).optional() });

const RUN_MS = 180_000;
/** Far more than there are changes. */
const MOST_RUNS = 200;

/** One call of the command line that is killed at the record of the journal that it counts to; true: it came to its end before. */
async function killedAt(stage: Stage, args: readonly string[], count: number): Promise<boolean> {
  const { argv, env } = killedRun(args, { record: count });
  const ended = await run(argv, { cwd: stage.home, env: { ...stage.env, PATH: PLAIN_PATH, ...env }, timeoutMs: RUN_MS });
  if (ended.signal === 'SIGKILL') return false;
  assert.equal(ended.code, 0, ended.stderr);
  return true;
}

function journalOf(stage: Stage): readonly z.infer<typeof record>[] {
  const lines = readFileSync(join(stage.root, 'journal.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => record.parse(JSON.parse(line)));
}

/** Walks the first `up` and a `down` along their journals, killed at each record; the next one goes on every time. */
export function walkChapter(stage: Stage): void {
  test('up: killed after each of its changes in turn -> each next one goes on from there, and none does a change twice', async (t) => {
    await stage.cli(['secrets', 'set', 'anthropic_api_key'], { stdin: stage.modelKey });
    let runs = 0;
    let isThrough = false;
    while (!isThrough && runs < MOST_RUNS) {
      // `begin`, `started`, `done`: one change a run; every fourth is killed with a change begun and not done.
      isThrough = await killedAt(stage, ['apply', '--yes'], runs % 4 === 3 ? 2 : 3);
      runs += 1;
    }
    const kinds = journalOf(stage).filter((one) => one.outcome === 'done' && one.change !== undefined);
    t.diagnostic(`${runs} runs, ${kinds.length} changes`);
    assert.ok(runs > 20, 'every change was a run of its own');
    assert.deepEqual(journalOf(stage).at(-1), { ...journalOf(stage).at(-1), event: 'end', outcome: 'done' });
    const seen = new Set(kinds.map((one) => one.change?.kind));
    for (const kind of ['generate-secret', 'make-folder', 'place-secret', 'write-file', 'start-service', 'enrol-node'])
      assert.ok(seen.has(kind), `${kind} was among them`);
  });

  test('then: well, nothing to do, proven, nothing left over, no secret but in its file', async () => {
    assert.equal((await statusOf(stage)).code, 0);
    assert.deepEqual((await stage.cli(['plan'])).stdout, 'nothing to do: everything is as the file says\n');
    const { code, stdout, stderr } = await stage.cli(['verify'], { timeoutMs: RUN_MS });
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    assert.deepEqual([leftovers(stage), secretsOutside(stage)], [[], []]);
    for (const folder of ['secrets', 'services/gateway-main/secrets']) {
      const names = readdirSync(join(stage.root, folder));
      assert.ok(names.length > 0);
      for (const name of names) assert.equal(statSync(join(stage.root, folder, name)).mode & 0o077, 0, name);
    }
  });

  test('down: killed at each record -> the next one ends it; up brings everything back with the same identities', async () => {
    const before = await statusOf(stage);
    assert.equal(await killedAt(stage, ['down'], 1), false);
    await killedAt(stage, ['down'], 2);
    assert.equal((await stage.cli(['down'], { timeoutMs: RUN_MS })).code, 0);
    assert.deepEqual([...new Set((await statusOf(stage)).services.map((one) => one.state))], ['stopped']);
    let runs = 0;
    while (!(await killedAt(stage, ['apply', '--yes'], 3))) runs += 1;
    assert.ok(runs >= 3, `${runs} runs: one for each service`);
    const after = await statusOf(stage);
    assert.deepEqual(after.nodes, before.nodes);
    assert.equal((await stage.cli(['plan'])).code, 0);
    assert.deepEqual(leftovers(stage), []);
  });
}
