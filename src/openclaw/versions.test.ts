import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADVISORIES, adviseVersion, compareVersions, PINNED_OPENCLAW, VERSION_FLOOR } from './versions.ts';

for (const [version, verdict, about] of [
  [PINNED_OPENCLAW, 'ok', undefined],
  ['2026.9.7', 'warn', /not tested/],
  ['2026.10.1', 'warn', /not tested/],
  [VERSION_FLOOR, 'warn', /not tested/],
  ['2026.6.4', 'refuse', /CVE-2026-62228/],
  ['2026.1.1', 'refuse', /CVE-2026-25253.*CVE-2026-62228/],
  ['2025.12.31', 'refuse', /CVE-2026-25593/],
  ['latest', 'refuse', /not a released/],
  ['2026.9.6-beta.1', 'refuse', /not a released/],
  ['2026.9.6\n', 'refuse', /not a released/],
  ['../2026.9.6', 'refuse', /not a released/],
  ['', 'refuse', /not a released/],
] as const) {
  test(`adviseVersion: ${JSON.stringify(version)} -> ${verdict}`, () => {
    const advice = adviseVersion(version);
    assert.equal(advice.verdict, verdict);
    if (about) assert.match('message' in advice ? advice.message : '', about);
  });
}

test('compareVersions: numbers, not text -> 2026.10 is newer than 2026.9', () => {
  assert.ok((compareVersions('2026.10.1', '2026.9.30') ?? 0) > 0);
  assert.equal(compareVersions('2026.9.6', '2026.9.6'), 0);
  assert.equal(compareVersions('x', '2026.9.6'), undefined);
});

test('ADVISORIES: sorted by fix, and the newest of them is the floor', () => {
  const fixes = ADVISORIES.map((one) => one.fixedIn);
  assert.deepEqual(
    fixes,
    fixes.toSorted((a, b) => compareVersions(a, b) ?? 0),
  );
  assert.equal(fixes.at(-1), VERSION_FLOOR);
});
