import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { factsScript } from './facts-script.ts';
import type { Look, LookRequest } from './look.ts';
import { parseFacts } from './parse-facts.ts';
import { MACOS_LOOK, SYNOLOGY_LOOK } from './testing/look-fixtures.ts';

const ASKED: LookRequest = { paths: ['~/', '/volume1/docker/openclaw', '/volume1/gone/photos'], accounts: ['admin'] };

function lookAt(lines: string, asked = ASKED): Look {
  const look = parseFacts(`kernel 4.4.302+\nuid 1026\ngid 100\n${lines}`, { look: asked })?.look;
  assert.ok(look);
  return look;
}

test('parseLook: Synology -> folders with owners, modes and ACLs; what is not there is told by the folder above', () => {
  const look = lookAt(SYNOLOGY_LOOK);
  assert.deepEqual(look.paths.get('/volume1/docker/openclaw'), {
    state: 'absent',
    at: '/volume1/docker',
    kind: 'folder',
    isLink: false,
    mode: 0o777,
    owner: { uid: 0, gid: 0 },
    acl: true,
    access: { read: true, write: true, enter: true },
    disk: { device: '/dev/mapper/cachedev_0', freeMiB: 5_080_713, mountedAt: '/volume1' },
  });
  assert.deepEqual(
    [...look.paths.values()].map(({ state, mode, isLink }) => [state, mode.toString(8), isLink]),
    [
      ['there', '755', true],
      ['absent', '777', false],
      ['hidden', '700', false],
    ],
  );
  assert.deepEqual(
    [look.addresses, look.groups],
    [
      ['127.0.0.1', '192.168.1.20'],
      ['users', 'administrators'],
    ],
  );
  assert.deepEqual(look.accounts.get('admin'), {
    owner: { uid: 1026, gid: 100 },
    home: '/var/services/homes/admin',
    place: {
      home: { kind: 'directory', mode: 0o777, owner: { uid: 1026, gid: 100 } },
      folder: { kind: 'absent' },
      file: { kind: 'absent' },
    },
    isHidden: false,
  });
  assert.deepEqual([look.sshd, look.users.get(1026), look.power], [{ tcpForwarding: 'no' }, 'admin', undefined]);
  assert.deepEqual([...look.running], ['gate', 'node-nas']);
  assert.equal(look.image, 'absent');
  assert.equal(look.engineDisk?.mountedAt, '/volume1');
});

test('parseLook: macOS -> power, FileVault, disks with a space in their name', () => {
  const look = lookAt(MACOS_LOOK, { paths: ['~/'], accounts: [] });
  assert.deepEqual([look.power, look.fileVault, look.autoLogin], [{ sleep: 1, autoRestart: false }, false, 'me']);
  assert.equal(look.paths.get('~/')?.disk?.device, 'map auto_home');
  // Without a word about it sshd forwards; below a Match it counts for some only.
  assert.deepEqual(look.sshd, { tcpForwarding: 'yes' });
});

test('parseLook: anything -> a look, never an exception, and nothing of what was not told', () => {
  const line = fc.oneof(
    fc.string().map((text) => `look_path 0 ${text}`),
    fc.constantFrom(...SYNOLOGY_LOOK.split('\n'), ...MACOS_LOOK.split('\n')),
    fc.string(),
  );
  fc.assert(fc.property(fc.array(line), (lines) => void lookAt(lines.join('\n'))));
  const nothing = lookAt('');
  assert.deepEqual(
    [nothing.paths.size, nothing.users.size, nothing.sshd, nothing.image, nothing.fileVault],
    [0, 0, undefined, undefined, undefined],
  );
});

for (const shell of ['/bin/sh', '/bin/bash']) {
  test(`lookScript: ${shell} on this machine, with paths of every kind -> each as it is, nothing on stderr`, () => {
    const folder = mkdtempSync(join(tmpdir(), "look it's "));
    try {
      mkdirSync(join(folder, 'a $HOME *'), { mode: 0o750 });
      chmodSync(join(folder, 'a $HOME *'), 0o751);
      writeFileSync(join(folder, 'file'), '');
      symlinkSync('nowhere', join(folder, 'dangling'));
      symlinkSync('file', join(folder, 'link'));
      const paths = ['a $HOME *', 'file', 'dangling', 'link', 'gone/deeper'].map((name) => join(folder, name));
      const { username } = userInfo();
      const asked = { paths: [...paths, '~/'], accounts: [username, 'no-such-account', 'x; touch /tmp/never'] };
      const out = execFileSync(shell, ['-c', factsScript({ look: asked })], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
      const look = parseFacts(out, { look: asked })?.look;
      const told = paths
        .map((path) => look?.paths.get(path))
        .map((one) => `${one?.state} ${one?.kind} ${one?.isLink} ${one?.at.slice(folder.length)}`);
      assert.deepEqual(told, [
        'there folder false /a $HOME *',
        'there file false /file',
        'there other true /dangling',
        'there file true /link',
        'absent folder false ',
      ]);
      assert.equal(look?.paths.get(paths[0] ?? '')?.mode, 0o751);
      assert.equal(look?.paths.get('~/')?.kind, 'folder');
      assert.ok((look?.paths.get('~/')?.disk?.freeMiB ?? 0) > 0);
      assert.deepEqual([...(look?.accounts.keys() ?? [])], [username]);
      assert.ok(look?.addresses.includes('127.0.0.1') && !look.addresses.includes('127.0.0.0'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
