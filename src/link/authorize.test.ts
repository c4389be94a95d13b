import assert from 'node:assert/strict';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { Problem } from '../core/problem.ts';
import type { Host } from '../hosts/host.ts';
import { localHost } from '../hosts/local-host.ts';
import { authorizedLine } from './authorized-line.ts';
import { authorizeLink, inspectLink, withdrawLink } from './authorize.ts';
import { generateLinkKey } from './link-key.ts';

const line = authorizedLine({ publicKey: generateLinkKey().publicKey, gatewayPort: 18_789, deployment: 'home', node: 'nas' });
const account = { user: 'tunnel', deployment: 'home' };

/** This machine with an account whose home is a new folder. */
async function withHome(use: (at: { readonly host: Host; readonly home: string; readonly keys: string }) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'lobsterpot-link-'));
  const { uid, gid } = userInfo();
  const found = { code: 0, signal: undefined, timedOut: false, stdout: `${uid}\n${gid}\n${home}\n`, stderr: '' };
  try {
    await use({ host: { ...localHost('here'), run: () => Promise.resolve(found) }, home, keys: join(home, '.ssh/authorized_keys') });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const modeOf = (path: string): number => lstatSync(path).mode & 0o7777;
const isProblem = (code: string) => (error: unknown) => error instanceof Problem && error.code === code;

void test('authorizeLink: a bare home -> a private folder and file; again -> nothing; withdrawn -> empty', async () => {
  await withHome(async ({ host, home, keys }) => {
    assert.deepEqual(await inspectLink(host, account, [line]), { changed: true, written: ['nas'], removed: [], weaker: [] });
    assert.equal(existsSync(keys), false);
    await authorizeLink(host, account, [line]);
    assert.deepEqual([readFileSync(keys, 'utf8'), modeOf(keys), modeOf(join(home, '.ssh'))], [`${line}\n`, 0o600, 0o700]);
    assert.equal((await authorizeLink(host, account, [line])).changed, false);
    assert.equal((await withdrawLink(host, account)).changed, true);
    assert.equal(readFileSync(keys, 'utf8'), '');
    assert.equal((await withdrawLink(host, account)).changed, false);
  });
});

void test('authorizeLink: bytes that are no text -> they stay', async () => {
  await withHome(async ({ host, home, keys }) => {
    mkdirSync(join(home, '.ssh'), { mode: 0o700 });
    const odd = Buffer.from([0x23, 0xff, 0xfe, 0x80, 0x00, 0x0d, 0x0a, 0xc3]);
    writeFileSync(keys, odd, { mode: 0o600 });
    await authorizeLink(host, account, [line]);
    assert.deepEqual(readFileSync(keys), Buffer.concat([odd, Buffer.from(`\n${line}\n`)]));
  });
});

void test('authorizeLink: right lines, wrong modes -> set right, and said', async () => {
  await withHome(async ({ host, home, keys }) => {
    await authorizeLink(host, account, [line]);
    chmodSync(keys, 0o666);
    chmodSync(join(home, '.ssh'), 0o755);
    assert.equal((await inspectLink(host, account, [line])).changed, true);
    await authorizeLink(host, account, [line]);
    assert.deepEqual([modeOf(keys), modeOf(join(home, '.ssh'))], [0o600, 0o700]);
  });
});

void test('authorizeLink: a home that others may write, links in the way -> a Problem, nothing written', async () => {
  await withHome(async ({ host, home, keys }) => {
    chmodSync(home, 0o777);
    await assert.rejects(authorizeLink(host, account, [line]), isProblem('link/place'));
    assert.equal(existsSync(join(home, '.ssh')), false);
    chmodSync(home, 0o755);
    mkdirSync(join(home, '.ssh'), { mode: 0o700 });
    writeFileSync(join(home, 'elsewhere'), 'mine\n');
    symlinkSync(join(home, 'elsewhere'), keys);
    await assert.rejects(authorizeLink(host, account, [line]), isProblem('link/place'));
    await assert.rejects(withdrawLink(host, account), isProblem('link/place'));
    assert.equal(readFileSync(join(home, 'elsewhere'), 'utf8'), 'mine\n');
    rmSync(join(home, '.ssh'), { recursive: true });
    symlinkSync(home, join(home, '.ssh'));
    await assert.rejects(authorizeLink(host, account, [line]), isProblem('link/place'));
  });
});

void test('authorizeLink: somebody else writes at the same time -> both stay; without an end -> a Problem', async () => {
  await withHome(async ({ host, home, keys }) => {
    mkdirSync(join(home, '.ssh'), { mode: 0o700 });
    let rounds = 1;
    const busy: Host = {
      ...host,
      makeFolder: async (path, as) => {
        if (rounds-- > 0) writeFileSync(keys, `# ${rounds}\n`);
        await host.makeFolder(path, as);
      },
    };
    await authorizeLink(busy, account, [line]);
    assert.equal(readFileSync(keys, 'utf8'), `# 0\n${line}\n`);
    rmSync(keys);
    rounds = 100;
    await assert.rejects(authorizeLink(busy, account, [line]), isProblem('link/busy'));
  });
});

void test('authorizeLink: no such account -> a Problem; withdrawLink -> nothing to do', async () => {
  const host: Host = {
    ...localHost('here'),
    run: () => Promise.resolve({ code: 3, signal: undefined, timedOut: false, stdout: '', stderr: '' }),
  };
  await assert.rejects(authorizeLink(host, account, [line]), isProblem('link/no-account'));
  assert.equal((await withdrawLink(host, account)).changed, false);
  assert.equal((await inspectLink(host, account, [line])).changed, true);
});
