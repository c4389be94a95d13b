import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { accessSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { Connection } from './connection.ts';
import { farFiles } from './far-files.ts';
import { framed, outputStart, parseStderr } from './frame.ts';
import { FAR_SHELL, scriptLine } from './quote.ts';

// The scripts of the far side in the shells and with the tools that hosts have; a real sshd is tried end to end.

const MARK = 'lobsterpot-0';
const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox'].find((path) => {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
});

/** A connection to a shell of this machine; `cut` bytes of the input arrive when it is given. */
function shellHere(shell: readonly string[], path: string, cut?: number): Pick<Connection, 'execute'> {
  return {
    execute: async ({ script, input = '' }) => {
      const [program = '', ...args] = shell;
      // The line's own `/bin/sh` is what is replaced.
      const inner = /'(.*)'$/s.exec(FAR_SHELL)?.[1] ?? '';
      const all = Buffer.concat([Buffer.from(scriptLine(framed(script, MARK))), Buffer.from(input).subarray(0, cut)]);
      const ran = spawnSync(program, [...args, '-c', inner], { input: all, env: { PATH: path }, maxBuffer: 64 * 1024 ** 2 });
      const { code, stderr } = parseStderr(ran.stderr.toString(), MARK);
      return Promise.resolve({ code, timedOut: false, stdout: ran.stdout.subarray(outputStart(ran.stdout, MARK)), stderr, beganAt: 0 });
    },
  };
}

const tools = mkdtempSync(join(tmpdir(), 'lobsterpot-tools-'));
process.on('exit', () => rmSync(tools, { recursive: true, force: true }));
if (BUSYBOX !== undefined) spawnSync(BUSYBOX, ['--install', '-s', tools]);

// What `stat` of BSD and macOS says, by way of GNU's.
const bsd = join(tools, 'bsd');
mkdirSync(bsd);
writeFileSync(
  join(bsd, 'stat'),
  `#!/bin/sh\n[ "$1" = -f ] || { echo "stat: illegal option -- c" >&2; exit 1; }\nf=$(/usr/bin/stat -c %f "$3") || exit 1\nprintf '%o %s x\\n' "0x$f" "$(/usr/bin/stat -c '%u %g %.9Y' "$3")"\n`,
  { mode: 0o755 },
);

for (const [name, shell, path, skip] of [
  ['dash or the like', ['/bin/sh'], '/usr/bin:/bin', false],
  ['bash', ['/bin/bash'], '/usr/bin:/bin', false],
  ['stat as BSD has it', ['/bin/sh'], `${bsd}:/usr/bin:/bin`, false],
  ['busybox alone', [BUSYBOX ?? '', 'sh'], tools, BUSYBOX === undefined ? 'there is no busybox here' : false],
] as const) {
  suite(`far files, ${name}`, { skip }, () => {
    const far = (cut?: number) =>
      farFiles('nas', {
        ...shellHere(shell, path, cut),
        pipe: () => assert.fail('no pipe'),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      });

    void test('link and rename: as on this machine', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-far-'));
      const [a, b, c] = [join(folder, 'a'), join(folder, 'keep/b'), join(folder, 'c')];
      writeFileSync(a, 'old');
      assert.equal(await far().link(a, b), true);
      rmSync(a);
      writeFileSync(a, 'new');
      assert.equal(await far().link(a, b), false);
      assert.equal(statSync(join(folder, 'keep')).mode & 0o777, 0o700);
      await far().rename(b, a);
      assert.equal(readFileSync(a, 'utf8'), 'old');
      mkdirSync(c);
      await assert.rejects(far().rename(a, c), { code: 'hosts/write' });
      await assert.rejects(far().link(join(folder, 'none'), b), { code: 'hosts/write' });
      rmSync(folder, { recursive: true });
    });

    test('write, stat, read, list, remove -> the same on every system', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-far-'));
      try {
        const at = (one: string): string => join(folder, one);
        await far().makeFolder(at('a/b'), { mode: 0o2750 });
        assert.deepEqual([statSync(at('a')).mode & 0o7777, statSync(at('a/b')).mode & 0o7777], [0o700, 0o2750]);
        await far().makeFolder(at('a/b'), { mode: 0o2750 });
        const odd = at("a/it's\n$x");
        await far().write(odd, 'one', { mode: 0o600 });
        await far().write(odd, 'two\0\n\n', { mode: 0o4640, owner: { uid: statSync(folder).uid, gid: statSync(folder).gid } });
        assert.equal((await far().read(odd))?.toString(), 'two\0\n\n');
        symlinkSync(at('a/b'), at('a/link'));
        symlinkSync(at('nowhere'), at('a/dangling'));
        const states = await far().stat([odd, at('a/b'), at('a/link'), at('a/dangling'), at('none'), `${odd}/x`]);
        const kinds = states.map(({ kind }) => kind);
        assert.deepEqual(kinds, ['file', 'directory', 'other', 'other', 'absent', 'absent']);
        const [file, directory] = states;
        assert.ok(file?.kind === 'file' && directory?.kind === 'directory');
        assert.deepEqual([file.mode, directory.mode, file.owner.uid], [0o4640, 0o2750, statSync(odd).uid]);
        assert.ok(Math.abs(file.mtimeMs - statSync(odd).mtimeMs) < 1000);
        assert.deepEqual(await far().list(at('a')), ['b', 'dangling', "it's\n$x", 'link']);
        await far().write(at('a/link'), 'now a file', { mode: 0o600 });
        assert.equal(readFileSync(at('a/link'), 'utf8'), 'now a file');
        assert.equal(await far().read(at('none')), undefined);
        await assert.rejects(far().read(at('a/b')), { code: 'hosts/not-plain' });
        await assert.rejects(far().write(at('a/b'), 'x', { mode: 0o600 }), { code: 'hosts/write' });
        await far().remove(at('a'));
        assert.deepEqual(await far().list(folder), []);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });

    test('write: only a part arrived -> the old file, nothing beside it', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-far-'));
      try {
        writeFileSync(join(folder, 'kept'), 'old');
        for (const cut of [0, 1, 99_999]) {
          await assert.rejects(far(cut).write(join(folder, 'kept'), 'n'.repeat(100_000), { mode: 0o600 }), { code: 'hosts/write' });
        }
        assert.deepEqual([readFileSync(join(folder, 'kept'), 'utf8'), await far().list(folder)], ['old', ['kept']]);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  });
}
