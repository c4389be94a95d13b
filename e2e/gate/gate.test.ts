import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { isRecord } from '../../src/core/json.ts';
import { inLab, labRefusal } from '../lab/in-lab.ts';

// The tests themselves are in inside/: they need an internet, and the gate refuses its own host's addresses.
const INSIDE = [
  'targets',
  'rebinding',
  'openings',
  'floods',
  'policy-changes',
  'operation',
  'routes',
  'peers',
  'budgets',
  'names',
  'alone',
];
const refusal = await labRefusal();

if (refusal !== false) {
  test('gate: the real bundle in the lab', { skip: refusal }, () => {});
} else {
  const reporter = join(import.meta.dirname, 'result-reporter.ts');
  const ran = await inLab(
    [
      process.execPath,
      '--test',
      '--test-isolation=none',
      '--test-force-exit',
      '--test-timeout=60000',
      `--test-reporter=${reporter}`,
      ...INSIDE.map((name) => join(import.meta.dirname, 'inside', `${name}.ts`)),
    ],
    {
      timeoutMs: 240_000,
    },
  );
  const results = ran.stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map(parse);
  test('gate: the run in the lab ends well', () => {
    assert.ok(results.length > 0 && !ran.timedOut, `${ran.stdout}\n${ran.stderr}`);
    assert.equal(
      ran.code === 0,
      results.every((one) => one.ok),
      ran.stderr,
    );
  });
  for (const { name, ok, error, skip } of results) test(`gate: ${name}`, { skip }, () => assert.ok(ok, error));
}

function parse(line: string): { readonly name: string; readonly ok: boolean; readonly error: string; readonly skip: string | false } {
  const value: unknown = JSON.parse(line);
  assert.ok(isRecord(value));
  const skip = typeof value['skip'] === 'string' && value['skip'];
  return { name: String(value['name']), ok: value['ok'] === true, error: String(value['error']), skip };
}
