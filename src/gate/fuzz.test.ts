import assert from 'node:assert/strict';
import { test } from 'node:test';
import { casesOf, TARGETS } from './testing/fuzz/targets.ts';

// The same on every run; `npm run fuzz` takes another seed and a million cases.
const SEED = 20_261_122;
const CASES = 24_000;

for (const [target, cases] of casesOf(TARGETS, CASES)) {
  test(`fuzz ${target.name}: ${cases} cases -> none breaks a promise`, async () => {
    const failure = await target.run(SEED, cases);
    assert.equal(failure, undefined, JSON.stringify(failure));
  });
}
