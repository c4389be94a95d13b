import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { worstFirst } from '../../src/checks/report/summary.ts';
import type { Finding } from '../../src/core/finding.ts';
import { CA_FILE } from '../../lab/inside/host-files.ts';
import { PLACED_SABOTAGES, SINGLE_SABOTAGES } from './all-sabotages.ts';
import { holdsBackWhoKeepsTooMuch } from './disk-limit.ts';
import { setDockerStage, type DockerStage } from './docker-stage.ts';
import { roundsOf, type Placed } from './rounds.ts';

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

const rounds = roundsOf(PLACED_SABOTAGES);
rounds.forEach((round, index) => {
  test(`containers weakened, ${index + 1} of ${rounds.length}`, async (t) => {
    const services = round.map(({ service }) => service);
    try {
      for (const { sabotage, service } of round) await sabotage.weaken(stage, service);
      await stage.remake(round.flatMap(({ sabotage, service }) => (sabotage.remakes === true ? [service] : [])));
      const findings = await stage.prove();
      for (const one of round) await t.test(nameOf(one.sabotage), () => judge(one, findings));
      const wide = new Set(round.flatMap(({ sabotage }) => sabotage.wide ?? []));
      const strays = failing(findings.filter(({ subject, checkId }) => !services.includes(subject) && !wide.has(checkId)));
      assert.deepEqual([...strays], [], `false alarms:\n${notGreen(findings).join('\n')}`);
    } finally {
      for (const { sabotage, service } of round) await sabotage.repair?.(stage, service);
      await stage.restore(round.flatMap(({ sabotage, service }) => (sabotage.remakes === undefined ? [] : [service])));
    }
  });
});

for (const sabotage of SINGLE_SABOTAGES) {
  test(nameOf(sabotage), async () => {
    try {
      await sabotage.weaken?.(stage);
      await stage.remake(sabotage.remake);
      expectFound(await stage.prove(sabotage.proof?.(stage)), sabotage.finds, sabotage.also ?? []);
    } finally {
      await sabotage.repair?.(stage);
      await stage.restore(sabotage.remake);
    }
  });
}

test('a node writes beyond its limit -> ended, told, not made anew; files removed -> it comes back by itself', () =>
  holdsBackWhoKeepsTooMuch(stage));

test('disruptive, untouched: without the gate nothing leaves, and it comes back', async () => {
  const findings = await stage.prove({ disruptive: true });
  assert.deepEqual(notGreen(findings), []);
  const recovery = findings.flatMap(({ checkId }) => (checkId.startsWith('recovery.') ? [checkId] : []));
  assert.deepEqual(new Set(recovery), new Set(['recovery.gate-down', 'recovery.gate-back']));
});

test('after all of it: everything is repaired, no alarm is left', async () => assert.deepEqual(notGreen(await stage.prove()), []));

/** What is found at the service that was weakened, and what of it is no single service's. */
function judge({ sabotage, service }: Placed, findings: readonly Finding[]): void {
  const at = findings.filter(({ subject }) => subject === service);
  expectFound(at, sabotage.finds, sabotage.also ?? []);
  const missed = (sabotage.wide ?? []).filter((id) => !failing(findings).has(id));
  assert.deepEqual(missed, [], `not noticed; what was found:\n${notGreen(findings).join('\n')}`);
}

function expectFound(findings: readonly Finding[], finds: readonly string[], also: readonly string[] | 'any'): void {
  const failed = failing(findings);
  const missed = finds.filter((id) => !failed.has(id));
  assert.deepEqual(missed, [], `not noticed; what was found:\n${notGreen(findings).join('\n')}`);
  const stray = also === 'any' ? [] : [...failed].filter((id) => !finds.includes(id) && !also.includes(id));
  assert.deepEqual(stray, [], `false alarms:\n${notGreen(findings).join('\n')}`);
  for (const { status, fix = '', checkId } of findings) if (status === 'fail') assert.ok(fix !== '', `${checkId} has no fix`);
}

function failing(findings: readonly Finding[]): ReadonlySet<string> {
  return new Set(findings.flatMap(({ status, checkId }) => (status === 'fail' ? [checkId] : [])));
}

function nameOf({
  name,
  finds,
  wide = [],
}: {
  readonly name: string;
  readonly finds: readonly string[];
  readonly wide?: readonly string[];
}): string {
  const all = [...finds, ...wide];
  return `sabotage: ${name} -> ${all.length === 1 ? all[0] : `${all.length} checks`}`;
}

function notGreen(findings: readonly Finding[]): readonly string[] {
  return worstFirst(findings)
    .filter(({ status }) => status === 'fail' || status === 'unknown')
    .map(({ status, checkId, subject, message }) => `${status} ${checkId} ${subject}: ${message.slice(0, 200)}`);
}
