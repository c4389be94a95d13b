import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isInheritable } from './descriptors.ts';
import { parseAnswer, parseRequest } from './protocol.ts';

test('isInheritable: reads the flags of a descriptor', () => {
  const info = (flags: string): string => `pos:\t0\nflags:\t${flags}\nmnt_id:\t15\n`;
  assert.deepEqual(
    ['0100000', '02100000', '02', '02000002', 'x'].map((one) => isInheritable(info(one))),
    [true, false, true, false, false],
  );
  assert.equal(isInheritable(''), false);
});

test('protocol: what is no request or answer is refused', () => {
  for (const line of ['', '{', '{}', '{"op":"rm"}', '{"op":"start"}', 'null']) assert.throws(() => parseRequest(line), line);
  for (const line of ['', '{}', '{"ok":true}', '{"ok":false}']) assert.throws(() => parseAnswer(line), line);
  assert.deepEqual(parseRequest('{"op":"start","name":"gate"}'), { op: 'start', name: 'gate' });
});
