import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { GENESIS, type TrailEvent, sealLine } from '../policy/trail-line.ts';
import { REASONS, readRecord } from './trail-record.ts';

const EVENTS: readonly TrailEvent[] = [
  {
    kind: 'decision',
    client: 'c',
    verdict: 'allow',
    reason: 'report-mode',
    would: 'no-rule',
    rule: 'r',
    via: 'http',
    host: 'h',
    port: 1,
    sni: 's',
    address: 'a',
    detail: 'd',
  },
  { kind: 'decision', client: 'c', verdict: 'deny', reason: 'limit', via: 'none', host: '', port: 0 },
  { kind: 'decision', client: 'c', verdict: 'deny', reason: 'dns-question', via: 'dns', host: 'a\\000b.test', port: 53, detail: 'TXT' },
  { kind: 'end', of: 1, client: 'c', host: 'h', port: 1, up: 2, down: 3, ms: 4, why: 'operator' },
  { kind: 'start', pid: 1, file: 2, oldest: 1 },
  { kind: 'file', file: 2, oldest: 1 },
  { kind: 'stop', why: 'w' },
  { kind: 'policy', digest: 'd', mode: 'report' },
  { kind: 'policy-error', message: 'm' },
  { kind: 'operator', by: 'b', change: 'c' },
  { kind: 'gap', bytes: 1, records: 2 },
];

for (const event of EVENTS) {
  test(`readRecord: a sealed ${event.kind} -> the same`, () => {
    const place = { seq: 3, time: 4, prev: GENESIS };
    assert.deepEqual(readRecord(sealLine(place, event).line.trimEnd()), { ...place, ...event });
  });
}

test('readRecord: any text -> a record or undefined, never an exception', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => assert.equal(readRecord(text), undefined)));
});

test('docs/gate.md: its table of reasons -> exactly the reasons there are', () => {
  const page = readFileSync(new URL('../../docs/gate.md', import.meta.url), 'utf8');
  const documented = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, reason]) => reason ?? '');
  assert.deepEqual(documented.toSorted(), Object.keys(REASONS).toSorted());
});
