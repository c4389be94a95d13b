import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { kernelWorkarounds } from './kernel-workarounds.ts';

suite('kernelWorkarounds', () => {
  const table: ReadonlyArray<readonly [string, string, 'off' | undefined]> = [
    ['2026.9.6', '4.4.302+', 'off'],
    ['2026.9.5', '4.4.302', 'off'],
    ['2026.9.4', '4.4.302', undefined],
    ['2026.10.1', '4.4.302', 'off'],
    ['2026.9.6', '5.5.19', 'off'],
    ['2026.9.6', '5.6.0', undefined],
    ['2026.9.6', '5.10.55+', undefined],
    ['2026.9.6', '6.1.0-18-amd64', undefined],
    ['2026.9.6', '10.0', undefined],
    ['2026.9.6', '', undefined],
    ['nightly', '4.4.302', 'off'],
  ];
  for (const [openclaw, kernel, expected] of table) {
    test(`OpenClaw ${openclaw} on Linux ${JSON.stringify(kernel)} -> ${expected ?? 'nothing'}`, () => {
      assert.equal(kernelWorkarounds({ openclaw, kernel })['OPENCLAW_FS_SAFE_NATIVE_MODE'], expected);
    });
  }
});
