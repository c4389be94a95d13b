import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Change } from './change.ts';
import { inPieces } from './placing.ts';

const owner = { uid: 1, gid: 1 };
const folder = (host: string, path: string): Change => ({ kind: 'make-folder', host, path, mode: 0o700, owner, reason: 'missing' });
const secret = (host: string): Change => ({ kind: 'generate-secret', host, secret: 'token', form: 'token' });
const name = (change: Change): string => ('path' in change ? `${change.host}:${change.path}` : change.kind);

for (const { what, changes, together, gives } of [
  { what: 'none', changes: [], together: true, gives: [] },
  { what: 'files of one host', changes: [folder('nas', 'a'), folder('nas', 'b')], together: true, gives: [['nas:a', 'nas:b']] },
  {
    what: 'files of a host that does them one by one',
    changes: [folder('nas', 'a'), folder('nas', 'b')],
    together: false,
    gives: [['nas:a'], ['nas:b']],
  },
  { what: 'files of two hosts', changes: [folder('nas', 'a'), folder('mac', 'b')], together: true, gives: [['nas:a'], ['mac:b']] },
  {
    what: 'something else between them',
    changes: [folder('nas', 'a'), secret('nas'), folder('nas', 'b'), folder('nas', 'c')],
    together: true,
    gives: [['nas:a'], ['generate-secret'], ['nas:b', 'nas:c']],
  },
]) {
  void test(`inPieces: ${what} -> ${gives.length} pieces, in their order`, () => {
    assert.deepEqual(
      inPieces(changes, () => together).map((piece) => piece.map(name)),
      gives,
    );
  });
}
