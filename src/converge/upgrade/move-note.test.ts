import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { localHost } from '../../hosts/local-host.ts';
import { endMove, readMove, writeMove, type MoveNote } from './move-note.ts';

const NOTE: MoveNote = {
  version: 1,
  from: '2026.9.4',
  to: '2026.9.6',
  at: '2026-11-22T08:00:00.000Z',
  ran: { 'gateway-main': '2026.9.4' },
  backups: { 'gateway-main': '2026-11-22T08-00-00-000Z' },
  hosts: { mac: { image: { asked: 'a:4', pinned: 'a@4', openclaw: '2026.9.4', ipv6: false } } },
  isGoingBack: false,
};

function place(): Disposable & Parameters<typeof readMove>[0] {
  const root = mkdtempSync(join(tmpdir(), 'lobsterpot-move-'));
  return { root, local: localHost('here'), [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

test('writeMove, readMove, endMove: -> the same; closed to others; then nothing', async () => {
  using of = place();
  assert.equal(await readMove(of), undefined);
  await writeMove(of, NOTE);
  assert.deepEqual(await readMove(of), NOTE);
  assert.equal(statSync(join(of.root, 'upgrade.json')).mode & 0o777, 0o600);
  await endMove(of);
  await endMove(of);
  assert.deepEqual([await readMove(of), readdirSync(of.root)], [undefined, []]);
});

for (const [what, text] of [
  ['half of one', '{"version":1,'],
  ['another version', '{"version":2}'],
] as const) {
  test(`readMove: ${what} -> told, with what to do`, async () => {
    using of = place();
    writeFileSync(join(of.root, 'upgrade.json'), text);
    await assert.rejects(readMove(of), { code: 'upgrade/note', fix: /backup --list ; then: rm / });
  });
}
