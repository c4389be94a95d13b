import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { isInheritable } from './descriptors.ts';
import { takeLock } from './lock.ts';
import { parseAnswer, parseRequest } from './protocol.ts';

test('takeLock: held -> undefined; given back -> taken again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-lock-'));
  try {
    const first = takeLock(join(folder, 'lock.db'));
    assert.ok(first);
    assert.equal(takeLock(join(folder, 'lock.db')), undefined);
    first[Symbol.dispose]();
    const second = takeLock(join(folder, 'lock.db'));
    assert.ok(second);
    second[Symbol.dispose]();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('takeLock: no such folder -> the error itself, not "held"', () => {
  assert.throws(() => takeLock('/nonexistent/lock.db'));
});

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
