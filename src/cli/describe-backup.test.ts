import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeBackups, formatBytes } from './describe-backup.ts';

for (const [bytes, text] of [
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [155_000, '151.4 KiB'],
  [1024 ** 2, '1.0 MiB'],
  [5.5 * 1024 ** 3, '5.5 GiB'],
] as const) {
  test(`formatBytes: ${bytes} -> ${text}`, () => {
    assert.equal(formatBytes(bytes), text);
  });
}

test('describeBackups: one -> a row; none -> what to type', () => {
  const at = '2026-11-22T08:00:00.000Z';
  const one = {
    version: 1,
    id: '2026-11-22T08-00-00-000Z',
    archive: '/r/backups/node-nas/x.tar.gz',
    service: 'node-nas',
    host: 'nas',
    at,
    command: 'lobsterpot backup',
    openclaw: '2026.9.6',
    schema: 18,
    bytes: 26_247,
    sha256: 'a'.repeat(64),
  } as const;
  assert.equal(
    describeBackups([one], Date.parse(at) + 90_000),
    '  service    backup                     made       openclaw   schema   size\n' +
      '  node-nas   2026-11-22T08-00-00-000Z   90 s ago   2026.9.6   18       25.6 KiB\n',
  );
  assert.match(describeBackups([], 0), /lobsterpot backup/);
});
