import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Redacted } from '../../src/core/redacted.ts';
import { tryToken, type Standing } from '../../src/openclaw/try-token.ts';
import type { Stage } from '../support/stage.ts';
import { killWhen } from './kill-when.ts';
import { watchPort } from './watch-port.ts';
import { assertGone, pidsOf, rotateWell, settled, startedAnew } from './rotated.ts';

const LONGEST_MS = 60_000;
const FINISHED = /token of gateway main was replaced by a run that was cut off; that is finished now\n +pass +rotate\.gateway-token/;

/** A gateway's token, replaced; once in one run, once in two of which the first is killed. */
export function gatewayTokenChapter(stage: Stage): void {
  const path = join(stage.root, 'secrets/gateway-main-token');

  test('gateway-token: -> the old one is refused, the node is back, nothing else was started anew', async (t) => {
    const old = (await stage.cli(['token', 'main'])).stdout.trim();
    assert.equal(await standing(old), 'taken');
    const before = await pidsOf(stage);
    using watch = watchPort(18_789);
    const { outages, wholeMs } = await rotateWell(stage, ['gateway-token', 'main']);
    const downMs = watch.longestMs();
    t.diagnostic(`told: ${JSON.stringify(outages)}, whole ${wholeMs} ms; seen from outside: away for ${Math.round(downMs)} ms`);
    assert.deepEqual(
      outages.map((one) => one.service),
      ['gateway-main'],
    );
    // What is told is measured around the restart: what is seen from outside lies within it, but for a question that waited.
    assert.ok(downMs > 0 && downMs <= (outages[0]?.ms ?? 0) + 2000, `${downMs} ms`);
    assert.ok(downMs < LONGEST_MS, `${downMs} ms`);
    const now = (await stage.cli(['token', 'main'])).stdout.trim();
    assert.match(now, /^[0-9a-f]{64}$/);
    assert.deepEqual([await standing(old), await standing(now)], ['refused', 'taken']);
    assert.deepEqual(await startedAnew(stage, before), ['gateway-main']);
    assertGone(stage, 'the old token', old);
  });

  test('gateway-token: killed when the new one is made and not placed -> the old one works; up finishes, then it is refused', async () => {
    const old = readFileSync(path, 'utf8');
    await killWhen(stage, ['gateway-token', 'main'], () => readFileSync(path, 'utf8') !== old);
    const now = readFileSync(path, 'utf8');
    assert.equal(await standing(old), 'taken');
    const { code, stderr } = await stage.cli(['apply', '--yes'], { timeoutMs: 150_000 });
    assert.equal(code, 0, stderr);
    assert.match(stderr, FINISHED);
    assert.deepEqual([await standing(old), await standing(now)], ['refused', 'taken']);
    assertGone(stage, 'the old token', old);
    await settled(stage);
  });
}

/** How the gateway takes a token. */
async function standing(token: string): Promise<Standing['state']> {
  return (await tryToken({ url: 'ws://127.0.0.1:18789', token: new Redacted(token), timeoutMs: 15_000 })).state;
}
