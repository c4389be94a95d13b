import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { worstFirst } from '../../src/checks/report/summary.ts';
import type { Finding } from '../../src/core/finding.ts';
import { CA_FILE } from '../../lab/inside/host-files.ts';
import { ALL_DOCKER_SABOTAGES } from './all-sabotages.ts';
import { setDockerStage, type DockerStage } from './docker-stage.ts';

// Runs on the lab's Mac (see e2e/docker-sabotage.e2e.test.ts). Each test weakens one control, and the proof has to find exactly that.
let stage: DockerStage;

before(async () => {
  stage = await setDockerStage(readFileSync(CA_FILE, 'utf8'));
});

test('untouched: no false alarm', async () => {
  const findings = await stage.prove();
  assert.deepEqual(notGreen(findings), []);
  assert.ok(findings.length > 250, `${findings.length} findings`);
});

for (const sabotage of ALL_DOCKER_SABOTAGES) {
  test(`sabotage: ${sabotage.name} -> ${sabotage.finds.length === 1 ? sabotage.finds[0] : `${sabotage.finds.length} checks`}`, async () => {
    try {
      await sabotage.weaken?.(stage);
      await stage.remake(sabotage.remake);
      const findings = await stage.prove(sabotage.proof?.(stage));
      const failed = new Set(findings.filter(({ status }) => status === 'fail').map(({ checkId }) => checkId));
      const missed = sabotage.finds.filter((id) => !failed.has(id));
      assert.deepEqual(missed, [], `not noticed; what was found:\n${notGreen(findings).join('\n')}`);
      const also = sabotage.also ?? [];
      const stray = also === 'any' ? [] : [...failed].filter((id) => !sabotage.finds.includes(id) && !also.includes(id));
      assert.deepEqual(stray, [], `false alarms:\n${notGreen(findings).join('\n')}`);
      for (const { status, fix, checkId } of findings) if (status === 'fail') assert.ok((fix ?? '') !== '', `${checkId} has no fix`);
    } finally {
      await sabotage.repair?.(stage);
      await stage.restore(sabotage.remakeAfter ?? sabotage.remake);
    }
  });
}

test('disruptive, untouched: without the gate nothing leaves, and it comes back', async () => {
  const findings = await stage.prove({ disruptive: true });
  assert.deepEqual(notGreen(findings), []);
  const recovery = findings.flatMap(({ checkId }) => (checkId.startsWith('recovery.') ? [checkId] : []));
  assert.deepEqual(new Set(recovery), new Set(['recovery.gate-down', 'recovery.gate-back']));
});

test('after all of it: everything is repaired, no alarm is left', async () => assert.deepEqual(notGreen(await stage.prove()), []));

function notGreen(findings: readonly Finding[]): readonly string[] {
  return worstFirst(findings)
    .filter(({ status }) => status === 'fail' || status === 'unknown')
    .map(({ status, checkId, subject, message }) => `${status} ${checkId} ${subject}: ${message.slice(0, 200)}`);
}
