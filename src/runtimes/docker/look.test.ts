import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import { sha256 } from '../../core/digest.ts';
import { PLAIN_PATH, run } from '../../hosts/run.ts';
import type { LogText } from './log-text.ts';
import { LOOK, namesFor } from './look.ts';
import { lastLook, parseSeen } from './parse-seen.ts';

test('namesFor: every path and its folders once, without what the script finds by itself', () => {
  const paths = [
    'compose.yaml',
    'inside/launcher.mjs',
    'services/gate',
    'services/gate/spec.json',
    'services/gate/config/gate.json',
    'services/gate/secrets/key',
    'services/gate/.hidden',
  ];
  assert.deepEqual(namesFor(paths), [
    'compose.yaml',
    'inside',
    'inside/launcher.mjs',
    'services/gate/.hidden',
    'services/gate/config',
    'services/gate/config/gate.json',
  ]);
});

/** As the engine's log of it is read. */
const seen = ({ out, errors }: LogText): ReturnType<typeof parseSeen> => {
  const timed = (text: string): string => text.replaceAll(/^(?=.)/gm, '2026-11-22T08:05:29.834356170Z ');
  return parseSeen(lastLook({ out: timed(out), errors: timed(errors) }) ?? assert.fail(errors));
};

suite('LOOK in a real shell', { skip: process.platform === 'linux' ? false : 'it runs in an image of Linux' }, () => {
  /** What it says of a folder that `make` filled. */
  async function look(make: (folder: string) => string | void, ...names: readonly string[]): Promise<LogText> {
    const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-look-'));
    try {
      const programs = make(folder);
      const env = { PATH: programs === undefined ? PLAIN_PATH : `${programs}:${PLAIN_PATH}`, LC_ALL: 'C' };
      const { stdout, stderr } = await run(['/bin/sh', '-c', LOOK, folder, ...names], { timeoutMs: 10_000, env });
      return { out: stdout, errors: stderr };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  const put = (folder: string): void => {
    mkdirSync(join(folder, 'services/gate/secrets'), { recursive: true });
    mkdirSync(join(folder, 'services/gate/state'));
    writeFileSync(join(folder, 'services/gate/state/own'), 'of the service itself');
    writeFileSync(join(folder, 'services/gate/spec.json'), '{}');
    writeFileSync(join(folder, 'services/gate/secrets/a key'), 'a value');
    writeFileSync(join(folder, '-n'), '');
    for (const one of ['services', 'services/gate', 'services/gate/secrets', 'services/gate/state']) chmodSync(join(folder, one), 0o750);
  };

  test('files, folders, secrets, what is absent -> each as it is; nothing of what a service wrote, and no value', async () => {
    let mtimeMs = 0;
    const said = await look(
      (folder) => {
        put(folder);
        mtimeMs = Math.floor(statSync(join(folder, 'services/gate/secrets/a key')).mtimeMs);
      },
      '-n',
      'compose.yaml',
      'services/gate/state',
    );
    const found = seen(said);
    assert.deepEqual([...found.keys()].toSorted(), [
      '-n',
      'services',
      'services/gate',
      'services/gate/secrets',
      'services/gate/secrets/a key',
      'services/gate/spec.json',
      'services/gate/state',
    ]);
    const owner = { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 };
    assert.deepEqual(found.get('services/gate/state'), { kind: 'directory', mode: 0o750, owner });
    const key = found.get('services/gate/secrets/a key');
    assert.deepEqual(key, { kind: 'file', mode: 0o644, owner, sha256: sha256('a value'), mtimeMs });
    assert.doesNotMatch(said.out + said.errors, /a value|own/);
  });

  test('more than is written at once, and absent paths between it -> each line is whole', async () => {
    const names = Array.from({ length: 200 }, (_, index) => `services/gate/config/${'x'.repeat(index % 60)}${index}`);
    const said = await look(
      (folder) => {
        put(folder);
        mkdirSync(join(folder, 'services/gate/config'));
        // Every second one is there.
        for (const [index, name] of names.entries()) if (index % 2 === 0) writeFileSync(join(folder, name), '');
      },
      'services/gate/config',
      ...names,
    );
    assert.ok(said.out.length > 3 * 4096);
    const found = seen(said);
    assert.deepEqual(
      names.map((name) => found.has(name)),
      names.map((_, index) => index % 2 === 0),
    );
  });

  test('a stat that writes by the buffer, so that an error comes within a line -> understood', async () => {
    const said = await look((folder) => {
      const programs = join(folder, 'bin');
      mkdirSync(programs);
      const text = "printf 'is 41c0 0 0 17953'; echo \"stat: cannot stat 'x': No such file or directory\" >&2";
      writeFileSync(join(programs, 'stat'), `#!/bin/sh\n${text}; echo '34729 2026-11-22 08:05:29.834 +0000 services'\n`, { mode: 0o755 });
      return programs;
    });
    assert.deepEqual([...seen(said).keys()], ['services']);
  });

  test('a folder that is there and empty -> nothing', async () => assert.equal(seen(await look(() => undefined)).size, 0));

  for (const [what, make] of [
    ['a link in place of a file', (folder: string): void => symlinkSync('/etc/passwd', join(folder, 'services/gate/passwd'))],
    ['a link in place of a secret', (folder: string): void => symlinkSync('/etc/passwd', join(folder, 'services/gate/secrets/x'))],
  ] as const) {
    test(`${what} -> told, and not followed`, async () => {
      const said = await look((folder) => {
        put(folder);
        make(folder);
      }, 'services/gate/passwd');
      assert.ok([...seen(said).values()].some((one) => one.kind === 'other'));
    });
  }

  test('a link in place of a folder -> it cannot be had this way', async () => {
    const said = await look(
      (folder) => {
        put(folder);
        symlinkSync('/etc', join(folder, 'inside'));
      },
      'inside',
      'inside/passwd',
    );
    assert.throws(() => seen(said), /a folder is a link/);
  });

  test('a name of two lines among the secrets -> it cannot be had this way', async () => {
    const said = await look((folder) => {
      put(folder);
      writeFileSync(join(folder, 'services/gate/secrets/a\nb'), '');
    });
    assert.throws(() => seen(said));
  });
});
