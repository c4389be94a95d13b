import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { parseControlRequest } from './control-request.ts';

suite('parseControlRequest', () => {
  for (const [line, expected] of [
    ['{"op":"ping"}', { op: 'ping' }],
    ['{"op":"ping","by":"somebody"}', { op: 'ping' }],
    ['{"op":"status"}', { op: 'status' }],
    ['{"op":"reload","by":"me"}', { op: 'reload', by: 'me' }],
    ['{"op":"ping ', 'invalid'],
    ['{"op":"Ping"}', { invalid: 'unknown op "Ping"' }],
    ['{}', { invalid: 'op is not a name' }],
    ['{"op":"close"}', { invalid: 'close wants by' }],
  ] as const) {
    test(`${line} -> ${JSON.stringify(expected)}`, () => {
      const parsed = parseControlRequest(line);
      if (expected === 'invalid') assert.ok('invalid' in parsed);
      else assert.deepEqual(parsed, expected);
    });
  }
});
