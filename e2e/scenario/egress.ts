import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { reach } from '../support/reach.ts';
import { parseJson, statusOf, type Stage } from '../support/stage.ts';

const DENIED = 'HTTP/1.1 403 Forbidden';
const REACHED = 'TLS friendly.test';

const pending = z.object({ pending: z.array(z.object({ host: z.string(), client: z.string(), count: z.number() })) });
const log = z.object({ entries: z.array(z.object({ decision: z.object({ verdict: z.string(), client: z.string(), host: z.string() }) })) });

/** What may leave, changed while everything runs. */
export function egressChapter(stage: Stage): void {
  const egress = (...args: readonly string[]) => stage.cli(['egress', ...args]);
  let pids: readonly (number | undefined)[] = [];

  test('egress: a host that no rule names -> denied, pending, explained', async () => {
    pids = (await statusOf(stage)).services.map((one) => one.pid);
    assert.equal(await reach(stage, 'node-nas', 'friendly.test'), DENIED);
    assert.equal(await reach(stage, 'node-nas', 'api.anthropic.com.evil.test'), DENIED);
    const waiting = pending.parse(parseJson((await egress('pending', '--json')).stdout)).pending;
    assert.deepEqual(
      waiting
        .filter((one) => /friendly|evil/.test(one.host) && one.client === 'node-nas')
        .map((one) => one.host)
        .toSorted(),
      ['api.anthropic.com.evil.test', 'friendly.test'],
    );
    const tried = await egress('test', 'friendly.test', 'api.anthropic.com');
    assert.equal(tried.code, 1, tried.stderr);
    for (const client of ['gateway-main', 'node-nas'])
      assert.match(tried.stdout, new RegExp(`^ {2}deny +friendly\\.test.* ${client} +no-rule`, 'm'));
    // The model's provider is the gateway's alone.
    assert.match(tried.stdout, /^ {2}allow +api\.anthropic\.com.* gateway-main /m);
    assert.match(tried.stdout, /^ {2}deny +api\.anthropic\.com.* node-nas +no-rule/m);
    const explained = await egress('explain', 'friendly.test');
    assert.equal(explained.code, 0, explained.stderr);
    assert.match(explained.stdout, /seen +node-nas +0 allowed, 1 denied[^]*to change it: .*lobsterpot egress allow friendly\.test/);
  });

  test('egress allow --for --client: at once, for that client alone, and it ends by itself', async () => {
    const allowed = await egress('allow', 'friendly.test', '--for', '6s', '--client', 'nas');
    assert.equal(allowed.code, 0, allowed.stderr);
    const ends = Date.now() + 6000;
    assert.equal(await reach(stage, 'node-nas', 'friendly.test'), REACHED);
    assert.equal(await reach(stage, 'gateway-main', 'friendly.test'), DENIED);
    assert.match((await egress('rules')).stdout, /^ {2}allow +friendly\.test.* for .* more +by /m);
    await sleep(Math.max(0, ends + 500 - Date.now()));
    assert.equal(await reach(stage, 'node-nas', 'friendly.test'), DENIED);
    assert.equal((await egress('test', 'friendly.test')).code, 1);
  });

  test('egress deny, forget: stronger than the file, at once, and taken back', async () => {
    const denied = await egress('deny', 'api.anthropic.com');
    assert.equal(denied.code, 0, denied.stderr);
    assert.equal(await reach(stage, 'gateway-main', 'api.anthropic.com'), DENIED);
    const forgot = await egress('forget', 'api.anthropic.com');
    assert.equal(forgot.code, 0, forgot.stderr);
    assert.equal(await reach(stage, 'gateway-main', 'api.anthropic.com'), 'TLS api.anthropic.com');
  });

  test('egress allow: a public suffix, an unknown client, a bad time -> exit 3, nothing is allowed', async () => {
    for (const args of [['*.com'], ['friendly.test', '--client', 'nsa'], ['friendly.test', '--for', 'soon'], ['https://friendly.test/']]) {
      const { code, stderr } = await egress('allow', ...args);
      assert.equal(code, 3, `${args.join(' ')}: ${stderr}`);
      assert.match(stderr, /^lobsterpot: error: .*\n {2}cause: .*\n {2}fix: /s);
    }
    assert.match((await egress('rules')).stdout, /no rule beside those of the file/);
  });

  test('egress log: every attempt is in it, its chain is whole, no service was started again', async () => {
    const entries = log.parse(parseJson((await egress('log', '--json', '--host', 'friendly.test', '--lines', '1000')).stdout)).entries;
    const verdicts = entries.map(({ decision }) => `${decision.client} ${decision.verdict}`);
    assert.deepEqual(verdicts, ['node-nas deny', 'node-nas allow', 'gateway-main deny', 'node-nas deny']);
    const whole = await egress('log', '--verify');
    assert.deepEqual([whole.code, /^whole: \d+ records/.test(whole.stdout)], [0, true], whole.stdout + whole.stderr);
    assert.deepEqual(
      (await statusOf(stage)).services.map((one) => one.pid),
      pids,
    );
    assert.equal((await stage.cli(['plan'])).code, 0);
  });
}
