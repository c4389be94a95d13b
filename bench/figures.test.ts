import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Figure, targetsOf, type What } from './figures.ts';
import { summary } from './measure.ts';

const figure = (what: What, hosts: number, ms: number): Figure => ({ what, hosts, measured: summary([ms]), busy: 0.5, work: ms, load: 1 });

describe('targetsOf', () => {
  const cases = [
    { name: 'a fast up', figures: [figure('up', 2, 1999)], at: 0, figure: '2.00 s', met: true },
    { name: 'a slow up', figures: [figure('up', 2, 2000)], at: 0, figure: '2.00 s', met: false },
    { name: 'no up of two', figures: [figure('up', 1, 1)], at: 0, figure: 'not measured', met: undefined },
    { name: 'a slow status', figures: [figure('status', 2, 1200)], at: 1, figure: '1.20 s', met: false },
    { name: 'a cold up', figures: [figure('cold', 2, 89_000)], at: 2, figure: '89.00 s', met: true },
    { name: 'ten times', figures: [figure('up', 2, 1000), figure('play', 2, 10_000)], at: 3, figure: '10.0 times', met: true },
    { name: 'nine times', figures: [figure('up', 2, 1000), figure('play', 2, 9000)], at: 3, figure: '9.0 times', met: false },
    { name: 'no play', figures: [figure('up', 2, 1000)], at: 3, figure: 'not measured', met: undefined },
    {
      name: 'eight hosts in the time of two',
      figures: [figure('up', 1, 1000), figure('up', 8, 2000)],
      at: 4,
      figure: '2.0 times',
      met: true,
    },
    { name: 'eight hosts in more', figures: [figure('up', 1, 1000), figure('up', 8, 2100)], at: 4, figure: '2.1 times', met: false },
  ] as const;
  for (const { name, figures, at, figure: told, met } of cases) {
    test(`targetsOf: ${name} -> ${told}, ${String(met)}`, () => {
      const target = targetsOf(figures)[at];
      assert.deepEqual({ figure: target?.figure, met: target?.met }, { figure: told, met });
    });
  }
});
