import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { until } from '../../src/core/wait.ts';
import { parseJson, setStage } from '../support/stage.ts';
import type { Stage } from '../support/stage.ts';
import { connected, GATEWAY_SABOTAGES } from './gateway-sabotages.ts';

// Runs inside the lab (see e2e/sabotage-openclaw.e2e.test.ts), on the real OpenClaw: what the gateway and the node themselves enforce.
const report = z.object({
  findings: z.array(z.object({ checkId: z.string(), status: z.string(), subject: z.string(), message: z.string() })),
});
type Found = z.infer<typeof report>['findings'];
// What changed nothing proves nothing.
const upReport = z.object({ proof: report.nullable() });

let stage: Stage;

before(async () => {
  stage = await setStage();
  await stage.cli(['secrets', 'set', 'anthropic_api_key'], { stdin: stage.modelKey });
  const up = await stage.cli(['up', '--yes'], { timeoutMs: 240_000 });
  assert.equal(up.code, 0, `${up.stdout}\n${up.stderr}`);
});

after(async () => void (await stage.cli(['destroy', '--confirm', 'home'], { timeoutMs: 60_000 })));

async function verify(): Promise<Found> {
  const { stdout, stderr } = await stage.cli(['verify', '--json'], { timeoutMs: 120_000 });
  const parsed = report.safeParse(parseJson(stdout));
  assert.ok(parsed.success, `${stdout}\n${stderr}`);
  return parsed.data.findings;
}

for (const sabotage of GATEWAY_SABOTAGES) {
  test(`sabotage: ${sabotage.name} -> ${sabotage.finds.join(', ')}; ${sabotage.repairedBy === 'up' ? 'lobsterpot up repairs it' : 'taken back by hand'}`, async () => {
    let end: void | (() => Promise<void>) = undefined;
    let proven: Found | undefined;
    try {
      end = await sabotage.weaken(stage);
      const findings = await verify();
      const failed = new Set(findings.filter(({ status }) => status === 'fail').map(({ checkId }) => checkId));
      assert.deepEqual(
        sabotage.finds.filter((id) => !failed.has(id)),
        [],
        `not noticed:\n${told(findings)}`,
      );
      assert.deepEqual(
        [...failed].filter((id) => !sabotage.finds.includes(id) && sabotage.also?.includes(id) !== true),
        [],
        `false alarms:\n${told(findings)}`,
      );
    } finally {
      await end?.();
      const up = await stage.cli(['up', '--yes', '--json'], { timeoutMs: 240_000 });
      assert.ok(up.code === 0 || up.code === 1, `${up.stdout}\n${up.stderr}`);
      proven = upReport.safeParse(parseJson(up.stdout)).data?.proof?.findings;
      await connected(stage).catch((error: unknown) => assert.fail(`${String(error)}\n${up.stdout}\n${up.stderr}`));
    }
    // OpenClaw takes up a changed file by itself, and may start anew for it.
    let left = '';
    const isGreen = await until(
      async () => {
        left = told(proven ?? (await verify()));
        proven = undefined;
        return left === '' ? true : undefined;
      },
      { timeoutMs: 90_000, everyMs: 2000 },
    );
    assert.ok(isGreen, `not repaired:\n${left}`);
  });
}

function told(findings: Found): string {
  return findings
    .filter(({ status }) => status === 'fail' || status === 'unknown')
    .map(({ status, checkId, subject, message }) => `${status} ${checkId} ${subject}: ${message.slice(0, 200)}`)
    .join('\n');
}
