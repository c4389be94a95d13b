import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { DiskReport } from '../../runtimes/runtime.ts';
import { readDiskLook, type DiskLook } from './disk-look.ts';
import { judgeRooms, judgeWatch, parseDf } from './disk.ts';

const NOW = 1_000_000_000;
const GIB = 1024 ** 2;
const good: DiskReport = { limitKiB: 64 * 1024, usedKiB: 1024, atMs: NOW - 12_000, tookMs: 5 };
const look: DiskLook = { usage: { usedKiB: 2048 }, freeKiB: 50 * GIB, sizeKiB: 100 * GIB, isOwn: false };

suite('judgeWatch', () => {
  const table: ReadonlyArray<readonly [string, DiskReport | undefined, DiskLook | string, string, RegExp]> = [
    ['measured just now, below the limit', good, look, 'pass', /^2 MiB of 64 MiB, limited by the watch alone$/],
    [
      'a file system of its own',
      good,
      { ...look, isOwn: true, sizeKiB: GIB },
      'pass',
      /limited by the host: a file system of its own of 1 GiB/,
    ],
    ['no watch', undefined, look, 'unknown', /nothing is told of a watch/],
    ['a watch that has not measured', { limitKiB: 64 * 1024 }, look, 'unknown', /not measured yet/],
    ['a watch with another limit', { ...good, limitKiB: 64 * GIB }, look, 'fail', /allows 64 GiB and the file 64 MiB/],
    ['a watch that stands still', { ...good, atMs: NOW - 90_000 }, look, 'fail', /last measured 90 s ago/],
    ['a slow disk', { ...good, atMs: NOW - 90_000, tookMs: 4000 }, look, 'pass', /./],
    ['ended for lack of room', { ...good, held: 'its folder holds too much' }, look, 'fail', /it is ended: its folder holds too much/],
    [
      'a watch that lies',
      good,
      { ...look, usage: { usedKiB: 65 * 1024 } },
      'fail',
      /holds 65 MiB, its limit is 64 MiB, its watch saw 1 MiB/,
    ],
    ['no second measurement', good, 'it does not run', 'unknown', /it does not run/],
    ['a folder that cannot be read', good, { ...look, usage: { failed: 'Permission denied' } }, 'unknown', /Permission denied/],
  ];
  for (const [what, disk, seen, status, message] of table) {
    test(`${what} -> ${status}`, () => {
      const state = { name: 'node-nas', state: 'healthy', ...(disk ? { disk } : {}) } as const;
      const judged = judgeWatch({ diskMiB: 64, nowMs: NOW, state, look: seen });
      assert.equal(judged.status, status);
      assert.match(judged.message, message);
    });
  }

  test('a service that is not there -> unknown', () => assert.equal(judgeWatch({ diskMiB: 64, nowMs: NOW, look }).status, 'unknown'));
});

suite('judgeRooms', () => {
  for (const [what, freeKiB, sizeKiB, status] of [
    ['half of a disk', 50 * GIB, 100 * GIB, 'pass'],
    ['5 GiB of a large disk', 5 * GIB, 10_000 * GIB, 'pass'],
    ['less of a large disk', 5 * GIB - 1, 10_000 * GIB, 'fail'],
    ['6 % of a small disk', 600, 10_000, 'pass'],
    ['4 % of a small disk', 400, 10_000, 'fail'],
  ] as const) {
    test(`${what} -> ${status}`, () => {
      const rooms = [
        { where: 'here', freeKiB: 50 * GIB, sizeKiB: 100 * GIB },
        { where: 'the state of node-nas', freeKiB, sizeKiB },
      ];
      assert.equal(judgeRooms(rooms).status, status);
    });
  }

  test('nothing could be looked at -> unknown', () => assert.equal(judgeRooms([]).status, 'unknown'));
});

suite('parseDf', () => {
  for (const [what, text, expected] of [
    [
      'Linux',
      'Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 1000 400 600 40% /srv/my pot\n',
      { sizeKiB: 1000, freeKiB: 600 },
    ],
    [
      'a Mac',
      'Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/disk3s5 482797652 1 2 99% /System/Volumes/Data\n',
      { sizeKiB: 482_797_652, freeKiB: 2 },
    ],
    ['nothing', '', undefined],
    ['a headline alone', 'Filesystem 1024-blocks Used Available Capacity Mounted on\n', undefined],
  ] as const) {
    test(`${what} -> ${expected ? 'read' : 'nothing'}`, () => assert.deepEqual(parseDf(text), expected));
  }
});

suite('readDiskLook', () => {
  const line = JSON.stringify({ stdout: '9\t.\n', stderr: '', timedOut: false, freeKiB: 1, sizeKiB: 2, isOwn: true });
  for (const [what, text, known] of [
    ['one line', `noise\nmark ${line}\n`, true],
    ['two lines', `mark ${line}\nmark ${line}\n`, false],
    ['none', 'noise\n', false],
    ['half a line', `mark ${line.slice(5)}\n`, false],
  ] as const) {
    test(`${what} -> ${known ? 'read' : 'nothing is known'}`, () => {
      assert.deepEqual(readDiskLook(text, 'mark '), known ? { usage: { usedKiB: 9 }, freeKiB: 1, sizeKiB: 2, isOwn: true } : undefined);
    });
  }
});
