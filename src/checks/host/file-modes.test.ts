import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FileState } from '../../hosts/host.ts';
import { wrongModes } from './file-modes.ts';

describe('wrongModes', () => {
  const file = (mode: number, uid = 7): FileState => ({ kind: 'file', mode, owner: { uid, gid: uid }, sha256: '', mtimeMs: 0 });
  const cases: readonly (readonly [name: string, state: FileState | undefined, wrong: RegExp | undefined])[] = [
    ['as wanted', file(0o100600), undefined],
    ['stricter', file(0o400), undefined],
    ['readable for the group', file(0o640), /mode 0640/],
    ['readable for all', file(0o604), /mode 0604/],
    ['set-uid', file(0o4600), /mode 4600/],
    ['of another', file(0o600, 8), /uid 8/],
    ['a folder', { kind: 'directory', mode: 0o600, owner: { uid: 7, gid: 7 } }, /not a plain file/],
    ['a link', { kind: 'other' }, /not a plain file/],
    ['absent', { kind: 'absent' }, /absent/],
    ['not read', undefined, /absent/],
  ];
  for (const [name, state, wrong] of cases) {
    test(`${name} -> ${wrong?.source ?? 'right'}`, () => {
      const found = wrongModes([{ path: '/x', kind: 'file', uid: 7, mode: 0o600 }], [state]);
      if (wrong) assert.match(found.join(), wrong);
      else assert.deepEqual(found, []);
    });
  }
});
