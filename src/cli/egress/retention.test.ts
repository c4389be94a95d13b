import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { verifyTrail } from '../../audit/verify-trail.ts';
import { Trail } from '../../gate/trail.ts';
import { trailFileName } from '../../policy/trail-line.ts';

/** What the gate itself leaves of a trail that was filled many times over. */
function filled(t: TestContext): { readonly folder: string; readonly trail: () => Trail; readonly oldest: string } {
  const parent = mkdtempSync(join(tmpdir(), 'trail-'));
  t.after(() => rmSync(parent, { recursive: true }));
  const folder = join(parent, 'trail');
  const trail = (): Trail => {
    const one = new Trail({ folder, fileBytes: 4096, files: 3, nowMs: () => 1000, complain: assert.fail });
    t.after(() => one.close());
    one.start(1);
    return one;
  };
  const first = trail();
  for (let index = 0; index < 200; index += 1) first.write({ kind: 'operator', by: 'ann', change: 'x'.repeat(index % 100) });
  first.close();
  return { folder, trail, oldest: readdirSync(folder).toSorted()[0] ?? '' };
}

test('verifyTrail: what rotation leaves -> whole, also after a restart, and it says where it begins', async (t) => {
  const { folder, trail } = filled(t);
  const { head } = trail();
  const checked = await verifyTrail(folder, head);
  assert.ok(checked.ok && checked.firstSeq > 1 && checked.dropped?.records === checked.firstSeq - 1);
});

const GONE: readonly (readonly [what: string, remove: (folder: string, oldest: string) => void, why: RegExp])[] = [
  ['the oldest kept file', (folder, oldest) => rmSync(join(folder, oldest)), /^the (file|beginning) is missing/],
  [
    'the first records of the oldest kept file',
    (folder, oldest) => writeFileSync(join(folder, oldest), readFileSync(join(folder, oldest), 'utf8').split('\n').slice(3).join('\n')),
    /^the beginning is missing: the gate kept records from \d+ on/,
  ],
  [
    'all but the newest file',
    (folder) => {
      for (const name of readdirSync(folder).toSorted().slice(0, -1)) rmSync(join(folder, name));
    },
    /^the (file|beginning) is missing/,
  ],
];
for (const [what, remove, why] of GONE) {
  test(`verifyTrail: ${what} removed by somebody else, before the gate starts again -> no end that the gate recorded`, async (t) => {
    const { folder, trail, oldest } = filled(t);
    assert.notEqual(oldest, trailFileName(1));
    remove(folder, oldest);
    const { head } = trail();
    const checked = await verifyTrail(folder, head);
    assert.match(checked.ok ? 'ok' : checked.why, why);
  });
}
