import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { leaksBelow, leaksIn } from './leaks.ts';

const planted = [{ name: 'key', value: 'sk-ant-planted-0123456789' }];

test('leaksIn: the value in any form, anywhere -> found', () => {
  const around = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(around, around, fc.constantFrom('utf8', 'hex', 'base64'), (before, after, form) => {
      const bytes = Buffer.concat([before, Buffer.from('sk-ant-planted-0123456789'), after]);
      assert.deepEqual(leaksIn(form === 'utf8' ? bytes : Buffer.from(bytes.toString(form)), planted), ['key']);
    }),
  );
});

test('leaksIn: other text -> nothing', () => {
  assert.deepEqual(leaksIn('sk-ant-planted-012345678', planted), []);
});

test('leaksBelow: a value in a nested file -> its path; a skipped folder is not looked at', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-leaks-'));
  try {
    for (const name of ['state/deep', 'secrets']) {
      mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, name, 'file'), 'a sk-ant-planted-0123456789 b');
    }
    const { files, found } = leaksBelow(folder, planted, (path) => path.startsWith('secrets/'));
    assert.deepEqual({ files, found }, { files: 1, found: [{ path: 'state/deep/file', names: ['key'] }] });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
