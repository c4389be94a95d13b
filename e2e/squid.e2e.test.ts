import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { isRecord } from '../src/core/json.ts';
import type { RunResult } from '../src/hosts/host.ts';
import { inLab, labRefusal } from './lab/in-lab.ts';
import { findSquids } from './squid/prepare.ts';

// The tests themselves are in squid/inside/: they need an internet. Each of them with both Squids that there are.
const WHOLE = 'squid: the real one in the lab';
const refusal = await labRefusal();
const squids = refusal === false ? await findSquids() : { refusal };

if ('refusal' in squids) {
  test(WHOLE, { skip: squids.refusal }, () => {});
} else {
  const RUNS = [
    { name: 'differential', env: {} },
    { name: 'keeper', env: { SQUID_PROGRAM: squids.plain, SQUID_READS_HELLO: 'no' } },
    { name: 'keeper', env: { SQUID_PROGRAM: squids.openssl, SQUID_READS_HELLO: 'yes' } },
  ] as const;
  const ended: { readonly how: string; readonly ran: RunResult }[] = [];
  for (const { name, env } of RUNS) {
    const file = join(import.meta.dirname, 'squid/inside', `${name}.ts`);
    const reporter = join(import.meta.dirname, 'gate/result-reporter.ts');
    const flags = ['--test', '--test-isolation=none', '--test-force-exit', '--test-timeout=60000', `--test-reporter=${reporter}`];
    const how = `${name}${'SQUID_READS_HELLO' in env ? `, OpenSSL: ${env.SQUID_READS_HELLO}` : ''}`;
    ended.push({ how, ran: await inLab([process.execPath, ...flags, file], { timeoutMs: 120_000, env }) });
  }
  // Before a test is told of: the first one's end would be taken for the end of all.
  await squids[Symbol.asyncDispose]();
  test(WHOLE, () => assert.ok(ended.every(({ ran }) => ran.code === 0)));
  for (const { how, ran } of ended) {
    const results = ran.stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map(parse);
    test(`squid: the run of ${how} in the lab ends well`, () => {
      assert.ok(results.length > 0 && !ran.timedOut, `${ran.stdout}\n${ran.stderr}`);
      const isWell = results.every((one) => one.ok);
      assert.equal(ran.code === 0, isWell, ran.stderr);
    });
    for (const one of results) test(`squid: ${how}: ${one.name}`, () => assert.ok(one.ok, one.error));
  }
}

function parse(line: string): { readonly name: string; readonly ok: boolean; readonly error: string } {
  const value: unknown = JSON.parse(line);
  assert.ok(isRecord(value));
  return { name: String(value['name']), ok: value['ok'] === true, error: String(value['error']) };
}
