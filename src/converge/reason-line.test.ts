import assert from 'node:assert/strict';
import { test } from 'node:test';

import { z } from 'zod';

import { reasonLine } from './reason-line.ts';

const schema = z.strictObject({ version: z.literal(1), hosts: z.record(z.string(), z.strictObject({ port: z.number() })).exactOptional() });

test('reasonLine: another version, a wrong value deep inside, a key too much, no object -> one line that says what', () => {
  for (const [given, expected] of [
    [{ version: 2 }, 'Invalid input: expected 1 (version)'],
    [{ version: 1, hosts: { nas: { port: 'x' } } }, 'Invalid input: expected number, received string (hosts.nas.port)'],
    [{ version: 1, extra: 1 }, 'Unrecognized key: "extra"'],
    [[], 'Invalid input: expected object, received array'],
  ] as const) {
    assert.equal(reasonLine(schema.safeParse(given).error), expected);
  }
});

test('reasonLine: any other error -> its first line', () => {
  assert.equal(reasonLine(new Error('one\ntwo')), 'one');
  assert.equal(reasonLine('said'), 'said');
});
