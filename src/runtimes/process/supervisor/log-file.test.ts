import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';

import fc from 'fast-check';

import { until } from '../../../core/wait.ts';
import { readLastLines } from '../last-lines.ts';
import { LogFile } from './log-file.ts';

suite('LogFile', () => {
  let folder: string;
  let path: string;
  let older: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lobsterpot-log-'));
    path = join(folder, 'x.log');
    older = `${path}.1`;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('any chunks -> both files within the bound, their end is the end of what was written', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 40 }), (chunks) => {
        rmSync(path, { force: true });
        rmSync(older, { force: true });
        const log = new LogFile(path, older, 100);
        for (const chunk of chunks) log.write(Buffer.from(chunk));
        log.close();
        const all = Buffer.concat(chunks);
        const kept = Buffer.concat([read(older), read(path)]);
        assert.ok(read(older).length <= 100 && read(path).length <= 100);
        assert.ok(all.subarray(all.length - kept.length).equals(kept));
        assert.ok(kept.length >= Math.min(all.length, 100));
      }),
      { numRuns: 60 },
    );
  });

  test('a file from before -> appended to, and private', () => {
    writeFileSync(path, 'old\n', { mode: 0o600 });
    const log = new LogFile(path, older);
    log.write(Buffer.from('new\n'));
    log.close();
    assert.equal(readFileSync(path, 'utf8'), 'old\nnew\n');
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  test('last: lines across chunks, the unfinished one too, long ones cut, twenty at most', () => {
    const log = new LogFile(path, older);
    for (const text of ['on', 'e\ntw', 'o\nthr']) log.write(Buffer.from(text));
    assert.deepEqual(log.last(), ['one', 'two', 'thr']);
    log.forget();
    assert.deepEqual(log.last(), []);
    log.write(Buffer.from(`${'x'.repeat(9000)}\n`.repeat(30)));
    assert.equal(log.last().length, 20);
    assert.ok(log.last().every((line) => line.length <= 2000));
    log.close();
  });

  test('a flood -> a mebibyte of it, what is missing, and its last words; all of them remembered', () => {
    const log = new LogFile(path, older);
    for (let n = 0; n < 60; n += 1) log.write(Buffer.from(`${'x'.repeat(63)}\n`.repeat(1024)));
    log.write(Buffer.from('cannot go on\n'));
    assert.equal(log.last().at(-1), 'cannot go on');
    log.close();
    const said = readFileSync(path, 'utf8');
    assert.ok(said.length < 1.5 * 1024 ** 2, String(said.length));
    assert.match(said, /\nlobsterpot: \d{7} bytes dropped\n(?:x{63}\n)+cannot go on\n$/);
  });

  test('a flood that has ended -> what is missing is written by itself', async () => {
    const log = new LogFile(path, older);
    for (let n = 0; n < 40; n += 1) log.write(Buffer.alloc(65_536, 10));
    const told = await until(() => Promise.resolve(/lobsterpot: \d+ bytes dropped\n/.test(readFileSync(path, 'utf8')) ? true : undefined), {
      timeoutMs: 5000,
      everyMs: 50,
    });
    log.close();
    assert.ok(told);
  });

  test('readLastLines: over both files, absent ones are empty', async () => {
    assert.deepEqual(await readLastLines([older, path], 5), []);
    writeFileSync(older, 'a\nb\nc\nha');
    writeFileSync(path, 'lf\nd\n');
    assert.deepEqual(await readLastLines([older, path], 3), ['c', 'half', 'd']);
  });
});

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
