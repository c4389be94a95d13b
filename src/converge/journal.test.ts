import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openStates, readOpenStates, writeJournal } from './journal.ts';

const line = (event: string, outcome: string, service?: string): string => JSON.stringify({ event, outcome, service });

const cases = [
  { name: 'nothing', lines: [], expected: [] },
  { name: 'begun and done', lines: [line('backup', 'started', 'a'), line('backup', 'done', 'a')], expected: [] },
  { name: 'begun', lines: [line('backup', 'started', 'a'), line('restore', 'started', 'b')], expected: ['a', 'b'] },
  { name: 'done by a later run', lines: [line('restore', 'started', 'a'), line('begin', ''), line('restore', 'done', 'a')], expected: [] },
  { name: 'other records', lines: [line('change', 'started', 'a'), line('end', 'done')], expected: [] },
  { name: 'half a line, no JSON, an empty one', lines: ['"x"}', '{"event":', ''], expected: [] },
];
for (const { name, lines, expected } of cases)
  test(`openStates: ${name} -> ${expected.join(', ') || 'none'}`, () => assert.deepEqual([...openStates(lines)], expected));

test('writeJournal: after half a line -> a line of its own, which is read', async () => {
  const root = mkdtempSync(join(tmpdir(), 'lobsterpot-journal-'));
  try {
    const path = join(root, 'journal.jsonl');
    writeFileSync(path, '{"at":"2026');
    for (const service of ['a', 'b']) await writeJournal(root, { event: 'backup', outcome: 'started', service, host: 'here' });
    assert.deepEqual([...(await readOpenStates(root))], ['a', 'b']);
    const lines = readFileSync(path, 'utf8').split('\n');
    assert.deepEqual([lines[0], lines.length, lines.at(-1)], ['{"at":"2026', 4, '']);
  } finally {
    rmSync(root, { recursive: true });
  }
});
