import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isRunning, markOf, type ProcessMark } from './process-mark.ts';
import { readRecords, type RunRecord, stateOf, writeRecord } from './run-record.ts';
import { endLab, sweep } from './sweep.ts';

describe('records of labs', { skip: process.platform === 'linux' ? false : 'processes are told by /proc' }, () => {
  let runs = '';
  const gone: ProcessMark = { pid: process.pid, start: '1' };
  const own = markOf(process.pid) ?? gone;
  before(() => {
    runs = mkdtempSync(join(tmpdir(), 'lab-runs-'));
  });
  after(() => rmSync(runs, { recursive: true, force: true }));

  const make = (id: string, more: Partial<RunRecord>): RunRecord => {
    const record = { id, maker: gone, kept: false, startedAt: '2026-01-01T00:00:00.000Z', ...more };
    mkdirSync(join(runs, id), { recursive: true });
    writeRecord(runs, record);
    return record;
  };

  const cases = [
    { name: 'its maker is at it', record: { maker: own }, expected: 'starting' },
    { name: 'its maker died before it stood', record: { maker: gone }, expected: 'left' },
    { name: 'it stands', record: { maker: gone, lab: own }, expected: 'up' },
    { name: 'its number belongs to another process now', record: { maker: own, lab: gone }, expected: 'left' },
  ] as const;
  for (const { name, record, expected } of cases) {
    test(`stateOf: ${name} -> ${expected}`, () => assert.equal(stateOf(make('a', record)), expected));
  }

  test('readRecords: what is not a record -> left alone', () => {
    make('b', {});
    for (const [folder, text] of [
      ['c', '{"id":"b"}'],
      ['d', '{}'],
    ] as const) {
      mkdirSync(join(runs, folder));
      writeFileSync(join(runs, folder, 'record.json'), text);
    }
    assert.deepEqual(
      readRecords(runs)
        .map((one) => one.id)
        .toSorted(),
      ['a', 'b'],
    );
  });

  test('sweep: one left, one standing -> only the first goes', async () => {
    make('a', { lab: own });
    assert.deepEqual(await sweep(runs), ['b']);
    assert.deepEqual(readdirSync(runs).toSorted(), ['a', 'c', 'd']);
  });

  test('endLab: its process runs -> ended, and the folder goes', async () => {
    const child = spawn('sleep', ['300'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const lab = markOf(child.pid ?? 0);
    assert.ok(lab);
    await endLab(runs, make('e', { lab }));
    assert.equal(isRunning(lab), false);
    assert.equal(readdirSync(runs).includes('e'), false);
  });
});
