import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { agentTurnArgs } from '../support/agent-turn-argv.ts';
import type { Stage } from '../support/stage.ts';
import { assertGone, pidsOf, rotateWell, startedAnew } from './rotated.ts';

/** The key of the model's provider, replaced by the one that the provider takes. */
export function secretChapter(stage: Stage, old: string): void {
  test('secret: the value that it has already -> exit 3, nothing is done', async () => {
    const { code, stderr } = await stage.cli(['rotate', 'secret', 'anthropic_api_key', '--yes'], { stdin: old });
    assert.deepEqual([code, /rotate\/same/.test(stderr)], [3, true], stderr);
  });

  test('secret: another value -> the provider sees it alone, the old one is nowhere', async (t) => {
    // The positive control of the search, and of what follows: this is what was used until now.
    assert.equal(readFileSync(join(stage.root, 'services/gate/secrets/anthropic_api_key'), 'utf8'), old);
    const before = await pidsOf(stage);
    const { outages } = await rotateWell(stage, ['secret', 'anthropic_api_key'], stage.modelKey);
    t.diagnostic(JSON.stringify(outages));
    assert.deepEqual(await startedAnew(stage, before), ['gate']);
    const begin = (await stage.lab.ledger()).entries.length;
    const asked = ['{node}', '{openclaw}', ...agentTurnArgs('hello')];
    const turn = await stage.runtime.inside('gateway-main', asked, { timeoutMs: 90_000 });
    assert.equal(turn.code, 0, turn.stderr);
    const keys = (await stage.lab.ledger(begin)).entries.flatMap((one) => (one.kind === 'request' ? [one.key] : []));
    assert.deepEqual([...new Set(keys)], ['expected']);
    assertGone(stage, 'the old key', old);
  });
}
