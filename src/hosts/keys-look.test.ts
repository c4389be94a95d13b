import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import fc from 'fast-check';

import { keysScript, parseKeys, type AccountKeys, type KeysLook } from './keys-look.ts';
import { PLAIN_PATH } from './run.ts';

type There = Extract<AccountKeys, { kind: 'there' }>;

const { username: me, uid, gid } = userInfo();

/** What the script tells where `~me` is `home`; `programs` are found before the system's own. */
function told(home: string, programs = ''): KeysLook {
  const script = keysScript({ server: true, accounts: [me, 'nobody-of-that-name', '$(touch /tmp/x)'] });
  // The shell takes a home from the accounts of the system; here it is another folder.
  const here = script.replace('eval "kh=~$1"', `kh='${home}'`);
  return parseKeys(execFileSync('/bin/sh', ['-c', here], { encoding: 'utf8', env: { PATH: programs + PLAIN_PATH } }), 7);
}

function withHome(use: (home: string) => void): void {
  const home = mkdtempSync(join(tmpdir(), 'lobsterpot keys-'));
  try {
    use(home);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function mine(look: KeysLook): There {
  const keys = look.accounts.get(me);
  assert.ok(keys?.kind === 'there');
  return keys;
}

test('parseKeys: accounts -> who they are, what stands there, and the file byte by byte', () => {
  withHome((home) => {
    assert.deepEqual(mine(told(home)), {
      kind: 'there',
      owner: { uid, gid },
      home,
      place: { home: { kind: 'directory', mode: 0o700, owner: { uid, gid } }, folder: { kind: 'absent' }, file: { kind: 'absent' } },
      text: '',
    });
    mkdirSync(join(home, '.ssh'), { mode: 0o755 });
    const bytes = Buffer.from([0x23, 0xff, 0x00, 0x0d, 0x0a, 0xc3, 0x20]);
    writeFileSync(join(home, '.ssh/authorized_keys'), bytes, { mode: 0o644 });
    const look = told(home);
    const { text, place } = mine(look);
    assert.deepEqual(Buffer.from(text, 'latin1'), bytes);
    assert.deepEqual([place.folder.kind, place.file.kind === 'file' && place.file.mode], ['directory', 0o644]);
    assert.deepEqual([look.accounts.get('nobody-of-that-name'), look.accounts.size, look.at], [{ kind: 'absent' }, 2, 7]);
    writeFileSync(join(home, '.ssh/authorized_keys'), '');
    assert.equal(mine(told(home)).text, '');
  });
});

test('parseKeys: a link in the way -> told, and nothing is read through it', () => {
  withHome((home) => {
    writeFileSync(join(home, 'elsewhere'), 'mine\n');
    mkdirSync(join(home, '.ssh'));
    symlinkSync(join(home, 'elsewhere'), join(home, '.ssh/authorized_keys'));
    const { place, text } = mine(told(home));
    assert.deepEqual([place.file.kind, text], ['other', '']);
    rmSync(join(home, '.ssh'), { recursive: true });
    symlinkSync(home, join(home, '.ssh'));
    writeFileSync(join(home, 'authorized_keys'), 'mine\n');
    assert.deepEqual([mine(told(home)).place.folder.kind, mine(told(home)).text], ['other', '']);
  });
});

test('parseKeys: an ssh server -> the files of its configuration, and of the usual place where it may not be asked', () => {
  withHome((home) => {
    const key = join(home, 'key');
    mkdirSync(join(home, 'bin'));
    const sshd = (says: string): void => {
      writeFileSync(join(home, 'bin/sshd'), `#!/bin/sh\n${says}\n`);
      chmodSync(join(home, 'bin/sshd'), 0o755);
    };
    const server = (): KeysLook['server'] => told(home, `${join(home, 'bin')}:`).server;
    writeFileSync(`${key}.pub`, 'ssh-ed25519 AAAA me\n');
    sshd(`[ "$*" = -T ] && printf 'port 22\\nhostkey ${key}\\nhostkey ${home}/gone\\n'`);
    assert.deepEqual(server(), ['ssh-ed25519 AAAA me\n']);
    // One of them is no plain file: the one who reads it by itself says so.
    symlinkSync(`${key}.pub`, `${home}/gone.pub`);
    assert.equal(server(), undefined);
    sshd(`echo 'hostkey ${key}'; exit 1`);
    assert.ok(!(server() ?? []).includes('ssh-ed25519 AAAA me\n'));
  });
});

const TOLD = [
  'keys_account me 501 20 L2hvbWU=',
  'keys_home me 16 41c0 501 20 1 -',
  'keys_folder me 16 41c0 501 20 1 -',
  'keys_file me 16 8180 501 20 1 b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
  'keys_text me aGVsbG8gd29ybGQ=',
];

test('parseKeys: what is cut off, doubled, or changed while it was read -> left out', () => {
  assert.equal(parseKeys(TOLD.join('\n'), 0).accounts.get('me')?.kind, 'there');
  for (const [at, line] of TOLD.entries()) assert.equal(parseKeys(TOLD.toSpliced(at, 1).join('\n'), 0).accounts.size, 0, line);
  for (const line of TOLD) assert.equal(parseKeys([...TOLD, line].join('\n'), 0).accounts.size, 0, line);
  for (const line of ['keys_text me aGVsbG8gd29ybGR=', 'keys_text me aGVsbG8gV29ybGQ=', 'keys_text me'])
    assert.equal(parseKeys(TOLD.with(4, line).join('\n'), 0).accounts.size, 0, line);
  assert.equal(parseKeys(TOLD.with(0, 'keys_account me 501 20 aG9tZQ==').join('\n'), 0).accounts.size, 0);
  assert.equal(parseKeys(TOLD.with(1, 'keys_home me error Permission denied').join('\n'), 0).accounts.size, 0);
  for (const more of ['keys_server odd', 'keys_server ', 'keys_server c3No*'])
    assert.equal(parseKeys(`keys_server c3No\n${more}\n`, 0).server, undefined, more);
});

test('parseKeys: any text -> no exception, and nothing that was not told whole', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom(...TOLD))), (lines) => {
      const { accounts } = parseKeys(lines.join('\n'), 0);
      if (accounts.size > 0) for (const line of TOLD) assert.ok(lines.join('\n').includes(line));
    }),
  );
});
