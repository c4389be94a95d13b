import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { tryOldNode } from '../../src/openclaw/node-state.ts';
import { statusOf, type Stage } from '../support/stage.ts';
import { killWhen } from './kill-when.ts';
import { pidsOf, rotateWell, startedAnew } from './rotated.ts';

/** What a node is known by, replaced; in two runs, of which the first is killed at the worst moment. */
export function identityChapter(stage: Stage): void {
  const deviceOf = async (): Promise<string> => (await statusOf(stage)).nodes[0]?.deviceId ?? '';
  const oldState = join(stage.root, 'services/node-nas/state/openclaw.before');
  let device = '';

  test('identity: killed when the old one is set aside -> the old one would still be let in', async () => {
    device = await deviceOf();
    await killWhen(stage, ['identity', 'nas'], () => existsSync(oldState));
    // The trial of an old identity can tell that it is taken.
    const once: Parameters<typeof tryOldNode>[0]['once'] = (service, command, options) => stage.runtime.once(service, command, options);
    assert.deepEqual(await tryOldNode({ once, service: 'node-nas', name: 'nas' }), { state: 'taken' });
  });

  test('identity: the same command again -> another device, the old one is refused and forgotten, only the node was started anew', async (t) => {
    const before = await pidsOf(stage);
    const { findings, wholeMs } = await rotateWell(stage, ['identity', 'nas']);
    t.diagnostic(`the node was away for ${wholeMs} ms`);
    assert.deepEqual(
      findings.map((one) => one.checkId),
      ['rotate.identity', 'rotate.identity-forgotten'],
    );
    assert.match(await deviceOf(), /^[0-9a-f]{64}$/);
    assert.notEqual(await deviceOf(), device);
    assert.deepEqual(await startedAnew(stage, before), ['node-nas']);
    assert.equal(existsSync(oldState), false);
  });
}
