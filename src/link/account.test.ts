import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { test } from 'node:test';

import { Problem } from '../core/problem.ts';
import type { FileState } from '../hosts/host.ts';
import { localHost } from '../hosts/local-host.ts';
import { findAccount, placeFault, type KeyPlace } from './account.ts';

const account = { user: 'tunnel', owner: { uid: 501, gid: 20 }, home: '/home/tunnel' };
const folder = (mode: number, uid = 501): FileState => ({ kind: 'directory', mode, owner: { uid, gid: 20 } });
const file = (uid = 501): FileState => ({ kind: 'file', mode: 0o600, owner: { uid, gid: 20 }, sha256: '', mtimeMs: 0 });
const good: KeyPlace = { home: folder(0o755), folder: folder(0o700), file: file() };
const absent: FileState = { kind: 'absent' };
const other: FileState = { kind: 'other' };

const TABLE: readonly (readonly [string, Partial<KeyPlace>, number, RegExp | undefined])[] = [
  ['all is right', {}, 501, undefined],
  ['all is right, as root', {}, 0, undefined],
  ['nothing there yet', { folder: absent, file: absent }, 501, undefined],
  ['the home is root’s', { home: folder(0o755, 0) }, 501, undefined],
  ['a home that all may write (Synology)', { home: folder(0o777) }, 501, /chmod go-w \/home\/tunnel/],
  ['a home that the group may write', { home: folder(0o770) }, 0, /chmod go-w/],
  ['somebody else’s home', { home: folder(0o755, 1000) }, 0, /chown tunnel/],
  ['no home', { home: absent }, 0, /ls -ld/],
  ['a link in place of the folder', { folder: other }, 0, /ls -ld \/home\/tunnel\/\.ssh /],
  ['a file in place of the folder', { folder: file() }, 0, /ls -ld/],
  ['somebody else’s folder', { folder: folder(0o700, 0) }, 0, /ls -ld/],
  ['a link in place of the file', { file: other }, 0, /authorized_keys/],
  ['somebody else’s file', { file: file(0) }, 0, /authorized_keys/],
  ['another account than that of the connection', {}, 1000, /ssh:\/\/tunnel@/],
];

for (const [situation, place, self, fix] of TABLE) {
  void test(`placeFault: ${situation} -> ${fix === undefined ? 'none' : 'refused, with the next step'}`, () => {
    const fault = placeFault(account, { ...good, ...place }, self);
    if (fix === undefined) assert.equal(fault, undefined);
    else assert.match(fault?.fix ?? '', fix);
  });
}

void test('findAccount: an account of this machine -> its numbers and home; an unknown one -> undefined', async () => {
  const me = userInfo();
  const found = await findAccount(localHost('here'), me.username);
  assert.deepEqual(found?.owner, { uid: me.uid, gid: me.gid });
  assert.match(found?.home ?? '', /^\//);
  assert.equal(await findAccount(localHost('here'), 'nobody-of-that-name'), undefined);
});

void test('findAccount: what a shell would not take as a name -> a Problem, and nothing is run', async () => {
  const host = { ...localHost('here'), run: () => assert.fail('it ran something') };
  for (const user of ['', '-x', 'a b', 'a;id', '$(id)', '~', 'a/b', 'a\nb', '0'])
    await assert.rejects(findAccount(host, user), (error) => error instanceof Problem && error.code === 'link/account');
});
