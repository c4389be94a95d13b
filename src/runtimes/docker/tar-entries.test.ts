import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import fc from 'fast-check';

import { tarEntries } from './tar-entries.ts';

/** What the system's own tar makes of a folder. */
function archive(fill: (folder: string) => void): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-tar-'));
  try {
    mkdirSync(join(folder, 'd'));
    fill(join(folder, 'd'));
    return execFileSync('tar', ['--format=pax', '--sort=name', '-c', '-f', '-', '-C', folder, 'd'], { maxBuffer: 1024 ** 2 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const long = 'x'.repeat(180);
const SAMPLE = archive((folder) => {
  mkdirSync(join(folder, 'secrets'), { mode: 0o750 });
  writeFileSync(join(folder, 'secrets/key'), 'abc', { mode: 0o400 });
  writeFileSync(join(folder, `secrets/${long}`), Buffer.alloc(1300, 'y'));
  chmodSync(join(folder, `secrets/${long}`), 0o644);
  symlinkSync('/etc/passwd', join(folder, 'secrets/z-link'));
});

suite('tarEntries', () => {
  test('an archive of the system -> what is in it, long names too', () => {
    const found = tarEntries(SAMPLE).map(({ name, kind, mode, content, isWhole }) => [
      name,
      kind,
      mode.toString(8),
      content.length,
      isWhole,
    ]);
    assert.deepEqual(found.slice(1), [
      ['d/secrets/', 'directory', '750', 0, true],
      ['d/secrets/key', 'file', '400', 3, true],
      [`d/secrets/${long}`, 'file', '644', 1300, true],
      ['d/secrets/z-link', 'other', '777', 0, true],
    ]);
    const [folder] = tarEntries(SAMPLE, 1);
    assert.deepEqual([folder?.name, folder?.uid, folder?.gid], ['d/', process.getuid?.(), process.getgid?.()]);
  });

  test('one that is cut off in a file -> that file is not whole', () => {
    const at = SAMPLE.indexOf('y'.repeat(1300)) + 100;
    assert.equal(tarEntries(SAMPLE.subarray(0, at)).at(-1)?.isWhole, false);
  });

  test('a damaged header -> refused', () => {
    const damaged = Buffer.from(SAMPLE);
    const at = SAMPLE.indexOf('d/secrets/key');
    damaged.write('d/secrets/kez', at);
    assert.throws(() => tarEntries(damaged), /damaged header/);
  });

  test('any bytes -> entries or an error, never a hang', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4096 }), fc.nat(SAMPLE.length), (bytes, at) => {
        const mixed = Buffer.concat([SAMPLE.subarray(0, at), bytes]);
        try {
          assert.ok(tarEntries(mixed).every((one) => one.content.length <= mixed.length));
        } catch (error) {
          assert.match(String(error), /an archive/);
        }
      }),
    );
  });
});
