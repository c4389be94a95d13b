import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { localHost } from '../../hosts/local-host.ts';
import { refuseTaken, writeNew } from './write-new.ts';

const host = localHost('here');

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-init-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('writeNew: nothing is there -> the file, readable for all, and nothing beside it', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'lobsterpot.yaml');
    await refuseTaken(host, path);
    await writeNew(host, path, 'name: home\n');
    assert.equal(readFileSync(path, 'utf8'), 'name: home\n');
    assert.deepEqual([statSync(path).mode & 0o777, statSync(path).nlink, readdirSync(folder)], [0o644, 1, ['lobsterpot.yaml']]);
  }));

test('writeNew: something came there after the look -> refused, it stays as it is, and nothing is left', () =>
  inFolder(async (folder) => {
    const [file, link] = [join(folder, 'file.yaml'), join(folder, 'link.yaml')];
    await refuseTaken(host, file);
    writeFileSync(file, 'mine\n');
    symlinkSync('elsewhere.yaml', link);
    for (const path of [file, link]) {
      await assert.rejects(writeNew(host, path, 'name: home\n'), { name: 'Problem', code: 'init/taken' });
      await assert.rejects(refuseTaken(host, path), { code: 'init/taken' });
    }
    assert.equal(readFileSync(file, 'utf8'), 'mine\n');
    assert.deepEqual(readdirSync(folder), ['file.yaml', 'link.yaml']);
  }));
