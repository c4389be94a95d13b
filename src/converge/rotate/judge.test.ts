import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileState } from '../../hosts/host.ts';
import { judgeForgotten, judgeReaders, judgeRefusal, type Reader, type Shown } from './judge.ts';

const ASKED = {
  checkId: 'rotate.x',
  subject: 'gateway-main',
  what: 'token of gateway main',
  again: 'lobsterpot rotate gateway-token main',
};

const TAKEN: Shown = { state: 'taken' };
const REFUSED: Shown = { state: 'refused', reason: 'mismatch' };
const UNCLEAR: Shown = { state: 'unclear', reason: 'away' };

for (const [what, old, control, status] of [
  ['the old one refused, the new one taken', REFUSED, TAKEN, 'pass'],
  ['both taken', TAKEN, TAKEN, 'fail'],
  ['the old one taken, the new one refused', TAKEN, REFUSED, 'fail'],
  ['the old one taken, of the new one nothing is known', TAKEN, UNCLEAR, 'fail'],
  ['both refused', REFUSED, REFUSED, 'unknown'],
  ['the old one refused, of the new one nothing is known', REFUSED, UNCLEAR, 'unknown'],
  ['of the old one nothing is known', UNCLEAR, TAKEN, 'unknown'],
  ['nothing is known', UNCLEAR, UNCLEAR, 'unknown'],
] as const) {
  test(`judgeRefusal: ${what} -> ${status}`, () => {
    const finding = judgeRefusal(ASKED, old, control);
    assert.equal(finding.status, status);
    assert.equal(finding.fix, status === 'pass' ? undefined : ASKED.again);
  });
}

const OLD = 'a'.repeat(64);

for (const [what, lists, status] of [
  ['in none of its lists', { devices: ['b'], nodes: [] }, 'pass'],
  ['among its devices', { devices: ['b', OLD], nodes: [] }, 'fail'],
  ['asking to be let in', { devices: [], 'pending requests': [OLD] }, 'fail'],
] as const) {
  test(`judgeForgotten: ${what} -> ${status}`, () => {
    assert.equal(judgeForgotten(ASKED, OLD, lists).status, status);
  });
}

const DIGESTS = { old: 'o'.repeat(64), new: 'n'.repeat(64) };

function file(sha256: string): FileState {
  return { kind: 'file', mode: 0o400, owner: { uid: 1, gid: 1 }, sha256, mtimeMs: 1000 };
}

function reader(change: Partial<Reader> = {}): Reader {
  return { service: 'gateway-main', file: file(DIGESTS.new), state: { state: 'healthy', sinceMs: 2000 }, ...change };
}

for (const [what, readers, status] of [
  ['the new value, started after it', [reader()], 'pass'],
  ['nobody reads it', [], 'unknown'],
  ['the old value', [reader({ file: file(DIGESTS.old) })], 'fail'],
  ['a third value', [reader({ file: file('x') })], 'fail'],
  ['no file', [reader({ file: { kind: 'absent' } })], 'unknown'],
  ['started before it was written', [reader({ state: { state: 'healthy', sinceMs: 999 } })], 'fail'],
  ['not healthy', [reader({ state: { state: 'starting', sinceMs: 2000 } })], 'unknown'],
  ['a start that nobody knows', [reader({ state: { state: 'healthy' } })], 'unknown'],
  ['not there', [reader({ state: undefined })], 'unknown'],
  ['one of two not known, the other wrong', [reader({ state: undefined }), reader({ file: file(DIGESTS.old) })], 'fail'],
] as const) {
  test(`judgeReaders: ${what} -> ${status}`, () => {
    const finding = judgeReaders(ASKED, DIGESTS, readers);
    assert.equal(finding.status, status);
    assert.equal(finding.fix, status === 'pass' ? undefined : ASKED.again);
  });
}
