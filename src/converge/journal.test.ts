import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStates } from './journal.ts';

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
