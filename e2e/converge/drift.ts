import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { parseJson, statusOf, type Stage } from '../support/stage.ts';

const report = z.looseObject({
  drifted: z.array(z.object({ host: z.string(), subject: z.string(), what: z.string(), mend: z.string() }).loose()),
  unchecked: z.array(z.object({ subject: z.string(), why: z.string() }).loose()),
});

async function driftOf(stage: Stage): Promise<z.infer<typeof report> & { readonly code: number | undefined }> {
  const { code, stdout, stderr } = await stage.cli(['drift', '--json']);
  const parsed = report.safeParse(parseJson(stdout));
  assert.ok(parsed.success, stdout + stderr);
  return { ...parsed.data, code };
}

/** As a person does who is no root: a file that may not be written is made so for a moment. */
function edit(path: string, text: string): void {
  const { mode } = statSync(path);
  chmodSync(path, 0o600);
  writeFileSync(path, text);
  chmodSync(path, mode);
}

/** What somebody changes by hand is named in one go, and `up` mends it. */
export function driftChapter(stage: Stage): void {
  const at = (path: string): string => join(stage.root, path);
  const CONFIG = 'services/gateway-main/config/openclaw.json';
  const POLICY = 'services/gate/config/policy.json';
  const KEY = 'services/gateway-main/secrets/anthropic_api_key';

  test('drift: nothing was changed -> exit 0', async () => {
    const { drifted, unchecked, code } = await driftOf(stage);
    assert.deepEqual([drifted, unchecked, code], [[], [], 0]);
  });

  test('drift: a key of the configuration, the policy, the mode of a secret, a stray secret -> each named; up mends them', async () => {
    const config: unknown = JSON.parse(readFileSync(at(CONFIG), 'utf8'));
    edit(at(CONFIG), JSON.stringify({ ...z.record(z.string(), z.unknown()).parse(config), logging: { level: 'debug' } }));
    edit(at(POLICY), `${readFileSync(at(POLICY), 'utf8')}\n`);
    chmodSync(at(KEY), 0o444);
    writeFileSync(at('services/gate/secrets/stray'), 'x', { mode: 0o400 });
    const { drifted, code } = await driftOf(stage);
    const told = drifted.map(({ subject, what }) => `${subject}: ${what}`).toSorted();
    assert.deepEqual(told, [
      `${POLICY}: content differs`,
      'services/gate/secrets/stray: nothing asked for it',
      `${CONFIG}: content differs: logging`,
      `${KEY}: mode differs`,
    ]);
    assert.equal(code, 2);
    assert.match((await stage.cli(['drift'])).stdout, /4 changed by hand since .*\. put it back: lobsterpot up\n$/);
    const up = await stage.cli(['apply', '--yes'], { timeoutMs: 180_000 });
    assert.equal(up.code, 0, up.stderr);
    assert.deepEqual((await driftOf(stage)).drifted, []);
  });

  test('drift: an exec policy that was opened on the node by hand -> named; up mends it', async () => {
    const open = { version: 1, defaults: { security: 'full', ask: 'off', askFallback: 'full', autoAllowSkills: false }, agents: {} };
    const set = await stage.runtime.once('node-nas', ['{node}', '{openclaw}', 'approvals', 'set', '--stdin', '--json'], {
      stdin: JSON.stringify(open),
      timeoutMs: 60_000,
    });
    assert.equal(set.code, 0, set.stderr);
    const { drifted } = await driftOf(stage);
    assert.deepEqual(
      drifted.map(({ subject, what }) => `${subject}: ${what}`),
      ['node nas: its exec policy is not the one that it was given'],
    );
    assert.equal((await stage.cli(['apply', '--yes'], { timeoutMs: 120_000 })).code, 0);
    assert.equal((await driftOf(stage)).code, 0);
  });

  test('drift: the gateway is down -> its nodes are unchecked, neither changed nor unchanged', async () => {
    await stage.runtime.stop(['gateway-main']);
    const { drifted, unchecked, code } = await driftOf(stage);
    assert.deepEqual(
      drifted.map(({ subject, what }) => `${subject}: ${what}`),
      ['gateway-main: it does not run'],
    );
    assert.deepEqual(
      unchecked.map(({ subject, why }) => `${subject}: ${why}`),
      ['node nas: gateway main is not running'],
    );
    assert.equal(code, 2);
    assert.equal((await stage.cli(['apply', '--yes'], { timeoutMs: 120_000 })).code, 0);
    assert.equal(
      (await statusOf(stage)).services.every((one) => one.state === 'healthy'),
      true,
    );
  });
}
