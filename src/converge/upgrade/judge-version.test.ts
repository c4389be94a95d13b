import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeVersion } from './judge-version.ts';
import type { MoveNote } from './move-note.ts';

const OLD = '2026.9.4';
const NEW = '2026.9.6';

for (const [what, ran, to, expected] of [
  ['nothing ever ran', {}, NEW, { kind: 'stay' }],
  ['the same', { a: NEW, b: NEW }, NEW, { kind: 'stay' }],
  ['all older', { a: OLD, b: OLD }, NEW, { kind: 'up', from: OLD, to: NEW, services: ['a', 'b'] }],
  ['one older, after an upgrade that was cut off', { a: NEW, b: OLD }, NEW, { kind: 'up', from: OLD, to: NEW, services: ['b'] }],
  ['all newer', { a: NEW, b: NEW }, OLD, { kind: 'down', from: NEW, to: OLD, services: ['a', 'b'] }],
  ['one newer', { a: NEW, b: OLD }, OLD, { kind: 'down', from: NEW, to: OLD, services: ['a'] }],
  [
    'one newer and one older: no way for both',
    { a: NEW, b: OLD },
    '2026.9.5',
    { kind: 'down', from: NEW, to: '2026.9.5', services: ['a'] },
  ],
  ['numbers, not text', { a: '2026.9.10' }, '2026.9.9', { kind: 'down', from: '2026.9.10', to: '2026.9.9', services: ['a'] }],
  ['a version that cannot be read', { a: 'next' }, NEW, { kind: 'down', from: 'next', to: NEW, services: ['a'] }],
] as const) {
  test(`judgeVersion: ${what} -> ${expected.kind}`, () => {
    assert.deepEqual(judgeVersion(new Map(Object.entries(ran)), to), expected);
  });
}

const CUT_OFF: MoveNote = {
  version: 1,
  from: OLD,
  to: NEW,
  at: '2026-11-22T08:00:00.000Z',
  ran: { a: OLD, b: OLD },
  backups: { a: '1', b: '2' },
  hosts: {},
  isGoingBack: false,
};

for (const [what, ran, to, expected] of [
  ['after the new version was started', { a: NEW, b: NEW }, NEW, { kind: 'up', from: OLD, to: NEW, services: ['a', 'b'], cutOff: CUT_OFF }],
  ['before it', { a: OLD, b: OLD }, NEW, { kind: 'up', from: OLD, to: NEW, services: ['a', 'b'], cutOff: CUT_OFF }],
  [
    'and the file asks for a still newer one',
    { a: NEW, b: NEW },
    '2026.9.7',
    { kind: 'up', from: OLD, to: '2026.9.7', services: ['a', 'b'], cutOff: CUT_OFF },
  ],
  [
    'and the file asks for the old one, which cannot read the states any more',
    { a: NEW, b: NEW },
    OLD,
    { kind: 'down', from: NEW, to: OLD, services: ['a', 'b'] },
  ],
  ['and it was brought back', { a: OLD, b: OLD }, OLD, { kind: 'stay' }],
] as const) {
  test(`judgeVersion: an upgrade was cut off ${what} -> ${expected.kind}`, () => {
    assert.deepEqual(judgeVersion(new Map(Object.entries(ran)), to, CUT_OFF), expected);
  });
}
