import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLACED_SABOTAGES } from './all-sabotages.ts';
import { roundsOf } from './rounds.ts';

test('roundsOf: every sabotage once, each at a service of its own, none that shows where another of its round does', () => {
  const rounds = roundsOf(PLACED_SABOTAGES);
  assert.deepEqual(new Set(rounds.flat().map(({ sabotage }) => sabotage)), new Set(PLACED_SABOTAGES));
  assert.equal(rounds.flat().length, PLACED_SABOTAGES.length);
  for (const round of rounds) {
    assert.equal(new Set(round.map(({ service }) => service)).size, round.length);
    const wide = round.flatMap(({ sabotage }) => sabotage.wide ?? []);
    assert.equal(new Set(wide).size, wide.length);
    for (const { sabotage, service } of round) assert.equal(sabotage.on ?? service, service);
  }
});
