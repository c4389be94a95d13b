import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeRestoring } from '../converge/backup/restoring.ts';
import { writePending } from '../converge/rotate/pending.ts';
import { localHost } from '../hosts/local-host.ts';
import { tellCutOff } from './tell-cut-off.ts';

const place = { local: localHost('here'), root: '' };
const RESTORE = { version: 1, stamp: 's', backups: { 'node-nas': '2026-11-22T10-00-00-000Z' } } as const;
const ROTATION = { version: 1, subject: { kind: 'identity', name: 'nas' }, begunAt: '2026-11-22T10:00:00.000Z' } as const;

test('tellCutOff: nothing, a restore, a rotation -> is there something to go on with, and what is typed', async () => {
  for (const [begin, expected] of [
    [async () => undefined, ''],
    [
      (at: typeof place) => writeRestoring(at, RESTORE),
      'note: the restore of node-nas from 2026-11-22T10-00-00-000Z was cut off; go on: lobsterpot up\n',
    ],
    [
      (at: typeof place) => writePending(at, ROTATION),
      'note: the identity of node nas is being replaced, or that was cut off; go on: lobsterpot up\n',
    ],
  ] as const) {
    const root = mkdtempSync(join(tmpdir(), 'lobsterpot-cut-off-'));
    try {
      let text = '';
      const io = { out: () => undefined, talk: (line: string) => void (text += line), colour: false, live: false };
      await begin({ ...place, root });
      assert.deepEqual([await tellCutOff(io, { ...place, root }), text], [expected !== '', expected]);
    } finally {
      rmSync(root, { recursive: true });
    }
  }
});
