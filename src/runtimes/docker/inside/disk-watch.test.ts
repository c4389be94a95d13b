import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  judge,
  leastFreeKiB,
  measureFolder,
  readMeasure,
  readRoom,
  unmeasured,
  watchDisk,
  type DiskReading,
  type DiskState,
} from './disk-watch.mjs';

const MIB = 1024;
const GIB = 1024 ** 2;
const start = unmeasured(64, '/srv/pot/state');
const roomy = { freeKiB: 50 * GIB, sizeKiB: 100 * GIB, fewFiles: false };

/** The state after readings that came a second apart. */
function after(...readings: readonly DiskReading[]): DiskState {
  return readings.reduce((state, reading, index) => judge(state, reading, index * 1000), start);
}

suite('readMeasure', () => {
  for (const [what, measured, expected] of [
    ['a size', { stdout: '1234\t.\n', stderr: '' }, { usedKiB: 1234 }],
    [
      'a file that was removed meanwhile',
      { stdout: '8\t.\n', stderr: "du: cannot access './x': No such file or directory\n" },
      { usedKiB: 8 },
    ],
    ['a closed folder', { stdout: '8\t.\n', stderr: "du: cannot read directory './x': Permission denied\n" }, 'failed'],
    [
      'a closed folder with a friendly name',
      { stdout: '8\t.\n', stderr: 'du: x: No such file or directory\n: Permission denied\n' },
      'failed',
    ],
    ['nothing', { stdout: '', stderr: '' }, 'failed'],
    ['no such program', { stdout: '', stderr: 'spawn du ENOENT' }, 'failed'],
    ['too long', { stdout: '8\t.\n', stderr: '', timedOut: true }, 'failed'],
  ] as const) {
    test(`${what} -> ${expected === 'failed' ? 'no measurement' : `${expected.usedKiB} KiB`}`, () => {
      const read = readMeasure({ timedOut: false, ...measured });
      if (expected === 'failed') assert.ok('failed' in read);
      else assert.deepEqual(read, expected);
    });
  }
});

suite('readRoom', () => {
  const stats = { bsize: 4096, blocks: 1000, bavail: 100, files: 0, ffree: 0 };
  for (const [what, files, ffree, few] of [
    ['counts no files', 0, 0, false],
    ['has many left', 1000, 500, false],
    ['has almost none left', 1000, 19, true],
  ] as const) {
    test(`a file system that ${what} -> ${few ? 'too few' : 'enough'}`, () => {
      assert.deepEqual(readRoom({ ...stats, files, ffree }), { freeKiB: 400, sizeKiB: 4000, fewFiles: few });
    });
  }

  for (const [size, least] of [
    [10_000 * GIB, GIB],
    [50 * GIB, GIB],
    [10 * GIB, 209_716],
    [16 * MIB, 328],
  ] as const) {
    test(`${size} KiB -> at least ${least} KiB must be free`, () => assert.equal(leastFreeKiB(size), least));
  }
});

suite('judge', () => {
  const full = { usedKiB: 65 * MIB };
  for (const [what, readings, held] of [
    ['nothing known yet', [], undefined],
    ['below the limit', [roomy, { usedKiB: 64 * MIB }], undefined],
    ['beyond the limit', [roomy, full], /^its folder holds 65 MiB, its limit is 64 MiB: remove files below \/srv\/pot\/state/],
    ['beyond it, then much room elsewhere', [full, roomy], /its limit is 64 MiB/],
    ['a little below it again', [full, { usedKiB: 62 * MIB }], /holds 62 MiB/],
    ['well below it again', [full, { usedKiB: 60 * MIB }], undefined],
    ['a full file system', [{ ...roomy, freeKiB: GIB - 1 }], /^only 1024 MiB of 100 GiB are free/],
    [
      'a little room again',
      [
        { ...roomy, freeKiB: 1 },
        { ...roomy, freeKiB: GIB },
      ],
      /are free where its folder lies/,
    ],
    [
      'room again',
      [
        { ...roomy, freeKiB: 1 },
        { ...roomy, freeKiB: 2 * GIB },
      ],
      undefined,
    ],
    ['a flood of empty files', [{ ...roomy, fewFiles: true }], /almost no more files/],
    ['two failures', [{ failed: 'x' }, { failed: 'x' }], undefined],
    ['three failures', [{ failed: 'x' }, { failed: 'x' }, { failed: 'closed' }], /cannot be measured \(closed\)/],
    ['three failures, not in a row', [{ failed: 'x' }, { failed: 'x' }, { usedKiB: 1 }, { failed: 'x' }], undefined],
    ['three failures, then a measurement', [{ failed: 'x' }, { failed: 'x' }, { failed: 'x' }, { usedKiB: 1 }], undefined],
  ] as const) {
    test(`${what} -> ${held === undefined ? 'it may run' : 'held'}`, () => {
      const state = after(...readings);
      if (held === undefined) assert.equal(state.held, undefined);
      else assert.match(state.held ?? '', held);
    });
  }

  test('it fills its folder again and again -> it waits longer each time, and no longer after a good run', () => {
    const empty = { usedKiB: 0 };
    let state: DiskState = start;
    let now = 0;
    const waits: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      state = judge(state, full, (now += 1000));
      const since = now;
      while (judge(state, empty, now).held !== undefined) now += 1000;
      state = judge(state, empty, now);
      waits.push((now - since) / 1000);
    }
    assert.deepEqual(waits, [0, 30, 60, 120, 240, 480, 900, 900]);
    state = judge(judge(state, full, now + 600_000), empty, now + 600_000);
    assert.equal(state.held, undefined);
  });

  test('any readings -> beyond the limit is never let run, and what is measured is told as it was', () => {
    const reading = fc.oneof(
      fc.record({ usedKiB: fc.nat(130 * MIB) }),
      fc.record({ freeKiB: fc.nat(4 * GIB), sizeKiB: fc.constant(100 * GIB), fewFiles: fc.boolean() }),
      fc.record({ failed: fc.constant('x') }),
    );
    fc.assert(
      fc.property(fc.array(reading, { minLength: 1 }), (all) => {
        const state = after(...all);
        if ((state.usedKiB ?? 0) > 64 * MIB || (state.freeKiB ?? GIB) < GIB) assert.notEqual(state.held, undefined);
        const last = all.findLast((one) => 'usedKiB' in one);
        assert.equal(state.usedKiB, last && 'usedKiB' in last ? last.usedKiB : undefined);
      }),
    );
  });
});

suite('measureFolder', () => {
  test('holes, links and other folders -> only what is really used counts', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-disk-'));
    try {
      mkdirSync(join(folder, 'state'));
      writeFileSync(join(folder, 'outside'), Buffer.alloc(8 * 1024 ** 2, 1));
      writeFileSync(join(folder, 'state/real'), Buffer.alloc(1024 ** 2, 1));
      writeFileSync(join(folder, 'state/hole'), '');
      truncateSync(join(folder, 'state/hole'), 1024 ** 3);
      symlinkSync('../outside', join(folder, 'state/link'));
      symlinkSync('..', join(folder, 'state/up'));
      const read = readMeasure(await measureFolder(join(folder, 'state')));
      assert.ok('usedKiB' in read && read.usedKiB >= 1024 && read.usedKiB < 1200, JSON.stringify(read));
      const gone = readMeasure(await measureFolder(join(folder, 'gone')));
      assert.ok('failed' in gone);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

suite('watchDisk', () => {
  test('beyond the limit and back -> told once each, and nothing after it is closed', async () => {
    let used = 1;
    const heard: (string | undefined)[] = [];
    const watch = watchDisk({
      limitMiB: 1,
      place: 'x',
      everyMs: 5,
      measure: () => Promise.resolve({ stdout: `${used}\t.\n`, stderr: '', timedOut: false }),
      room: () => Promise.resolve({ bsize: 4096, blocks: 1e9, bavail: 1e9, files: 0, ffree: 0 }),
      changed: () => heard.push(watch.state().held?.slice(0, 16)),
    });
    await watch.first;
    assert.equal(watch.state().usedKiB, 1);
    used = 2000;
    await passed(() => watch.state().held !== undefined);
    used = 1;
    await passed(() => watch.state().held === undefined);
    assert.deepEqual(heard, ['its folder holds', undefined]);
    watch.close();
    used = 2000;
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(heard.length, 2);
  });

  test('a measurement that throws -> a failure, and the watch goes on', async () => {
    const watch = watchDisk({
      limitMiB: 1,
      place: 'x',
      everyMs: 5,
      measure: () => Promise.reject(new Error('no process left')),
      room: () => Promise.reject(new Error('no folder')),
      changed: () => undefined,
    });
    await passed(() => /cannot be measured/.test(watch.state().held ?? ''));
    watch.close();
  });
});

async function passed(is: () => boolean): Promise<void> {
  for (const end = Date.now() + 5000; !is();) {
    assert.ok(Date.now() < end, 'it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
