import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { verifyTrail } from '../../audit/verify-trail.ts';
import { Trail } from '../../gate/trail.ts';
import { trailFileName } from '../../policy/trail-line.ts';

const DAY = 86_400_000;

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

type Step = 'write' | 'long' | 'restart' | 'torn' | 'empty file' | 'days later';

test('verifyTrail: whatever a gate goes through (full files, age, restarts, torn lines) -> whole, and within its bounds', async (t) => {
  const step = fc.constantFrom<Step>('write', 'write', 'write', 'long', 'restart', 'torn', 'empty file', 'days later');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 120 }), async (steps) => {
      const folder = mkdtempSync(join(tmpdir(), 'trail-'));
      t.after(() => rmSync(folder, { recursive: true, force: true }));
      let nowMs = 1000;
      const start = (): Trail => {
        const one = new Trail({ folder, fileBytes: 4096, files: 3, ageMs: 30 * DAY, nowMs: () => nowMs, complain: assert.fail });
        one.start(1);
        return one;
      };
      let trail = start();
      const newest = (): string => join(folder, readdirSync(folder).toSorted().at(-1) ?? '');
      const next = (): string => join(folder, trailFileName(Number(/\d+/.exec(newest().slice(folder.length))?.[0]) + 1));
      for (const one of steps) {
        if (one === 'days later') nowMs += 4 * DAY;
        trail.write({ kind: 'operator', by: 'ann', change: 'x'.repeat(one === 'long' ? 1500 : 20) });
        if (one !== 'restart' && one !== 'torn' && one !== 'empty file') continue;
        trail.close();
        if (one === 'torn') appendFileSync(newest(), '{"seq":1,"to');
        // Killed between making the next file and writing into it.
        if (one === 'empty file') writeFileSync(next(), '');
        trail = start();
      }
      const checked = await verifyTrail(folder, trail.head);
      trail.close();
      assert.deepEqual(checked.ok ? '' : `${checked.file} ${checked.line} ${checked.why}`, '');
      // A gate that is killed right there leaves one file more, until the next one is full.
      assert.ok(readdirSync(folder).length <= 4 + steps.filter((one) => one === 'empty file').length);
      rmSync(folder, { recursive: true });
    }),
    { numRuns: 150 },
  );
});
