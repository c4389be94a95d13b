import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { findSandbox, readProcesses, type ProcessRow } from './find-processes.ts';

const row = (pid: number, parent: number, started: number, numbers: readonly number[]): ProcessRow => ({ pid, parent, started, numbers });

suite('findSandbox', () => {
  const rows = [
    row(100, 50, 10, [100]),
    row(101, 100, 11, [101, 1]),
    row(170, 101, 20, [170, 67]),
    row(171, 170, 21, [171, 74]),
    row(180, 101, 30, [180, 80]),
    row(200, 50, 10, [200]),
    row(201, 200, 11, [201, 1]),
  ];

  const cases: ReadonlyArray<readonly [string, readonly ProcessRow[], number, ReturnType<typeof findSandbox>]> = [
    ['a running one, an orphan beside its launcher', rows, 100, { first: 101, launcher: 170, inside: 67 }],
    ['one that is still being set up', rows, 200, undefined],
    ['one that is not there', rows, 999, undefined],
    ['a child that is not process 1 of anything', [row(5, 1, 1, [5]), row(6, 5, 2, [6])], 5, undefined],
  ];
  for (const [name, table, outer, expected] of cases) {
    test(`${name} -> ${expected ? 'found' : 'undefined'}`, () => assert.deepEqual(findSandbox(table, outer), expected));
  }

  test(
    'readProcesses: this process is among them, with its parent',
    { skip: process.platform === 'linux' ? false : 'there is no /proc' },
    () => {
      assert.equal(readProcesses().find((one) => one.pid === process.pid)?.parent, process.ppid);
    },
  );
});
