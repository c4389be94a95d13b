import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import type { BudgetEntry } from '../topology/deployment.ts';
import { parseText } from '../topology/testing/parse-text.ts';
import { openingsOf, widenedBy } from './openings.ts';

const MODEL = 'model: { provider: openai, id: m, apiKey: { secret: k } }';
const peer = (budget: string): string =>
  `channels: { a2a: { peers: { worker: { url: "https://worker.test/a2a/v1", token: { secret: t }, budget: ${budget} } } } }`;
const file = (keys: string, name = 'main'): ReturnType<typeof parseText> =>
  parseText(`name: home
hosts: { here: {} }
gateways:
  ${name}: { host: here, credentials: route, ${keys} }
`);
const budget = (of: BudgetEntry): string => `${MODEL}, budget: ${JSON.stringify(of)}`;

suite('a budget that lets more be spent is told of', () => {
  for (const [situation, before, now, told] of [
    ['the same', budget({ day: { usd: 5 } }), budget({ day: { usd: 5 } }), []],
    ['less', budget({ day: { usd: 5 } }), budget({ day: { usd: 4, requests: 9 }, month: { usd: 60 } }), []],
    ['there was none', MODEL, budget({ day: { usd: 5 } }), []],
    ['none before and none now', MODEL, MODEL, []],
    ['removed', budget({ day: { usd: 5 } }), MODEL, ['the budget of gateway main: 5 USD a day is no longer a limit']],
    ['raised', budget({ day: { usd: 5 } }), budget({ day: { usd: 5.5 } }), ['the budget of gateway main: 5 USD a day is raised to 5.5']],
    [
      'from nothing at all',
      budget({ minute: { requests: 0 } }),
      budget({ minute: { requests: 1 } }),
      ['the budget of gateway main: 0 requests a minute is raised to 1'],
    ],
    [
      'one limit in the place of another',
      budget({ day: { usd: 5 }, month: { tokens: 10 } }),
      budget({ month: { usd: 100, tokens: 10 } }),
      ['the budget of gateway main: 5 USD a day is no longer a limit'],
    ],
    [
      'a price of its own, which may be less',
      budget({ day: { usd: 5 } }),
      budget({ day: { usd: 5 }, prices: { m: { input: 0, output: 0 } } }),
      ['the budget of gateway main counts by another price of m'],
    ],
    [
      'a lower price, and one that is higher',
      budget({ day: { usd: 5 }, prices: { m: { input: 2, output: 8 }, n: { input: 1, output: 1 } } }),
      budget({ day: { usd: 5 }, prices: { m: { input: 2, output: 7 }, n: { input: 1, output: 2 } } }),
      ['the budget of gateway main counts by another price of m'],
    ],
    [
      'a price where no dollars are counted',
      budget({ day: { tokens: 5 } }),
      budget({ day: { tokens: 5 }, prices: { m: { input: 0, output: 0 } } }),
      [],
    ],
    ['nothing is asked any more', budget({ day: { usd: 5 } }), 'disk: 1GiB', []],
    [
      'of another agent',
      peer('{ day: { requests: 5 } }'),
      peer('{ day: { requests: 6 } }'),
      ['the budget of gateway main for worker: 5 requests a day is raised to 6'],
    ],
  ] as const) {
    test(`${situation} -> ${told.join(', ') || 'nothing'}`, () => assert.deepEqual(widenedBy(openingsOf(file(before)), file(now)), told));
  }

  test('keys that go to OpenClaw take the budget with them -> both are told', () => {
    const { gateways, ...rest } = file(MODEL);
    const inFiles = { ...rest, gateways: gateways.map((one) => ({ ...one, credentials: 'file' as const })) };
    assert.deepEqual(widenedBy(openingsOf(file(budget({ day: { usd: 5 } }))), inFiles), [
      'gateway main gets its keys as files, which its agent can read',
      'the budget of gateway main: 5 USD a day is no longer a limit',
    ]);
  });

  test('a gateway that is gone, and what an earlier version wrote down -> nothing', () => {
    const was = openingsOf(file(budget({ day: { usd: 5 } })));
    assert.deepEqual(
      widenedBy(was, file(MODEL, 'other')).filter((one) => one.includes('budget')),
      [],
    );
    const { budgets: _budgets, ...older } = was;
    assert.deepEqual(widenedBy(older, file(MODEL)), []);
  });

  test('a memory that is searched -> its text leaves, and that is told', () => {
    assert.deepEqual(widenedBy(openingsOf(file(MODEL)), file(`${MODEL}, memory: { search: true }`)), [
      'the notes of the agent of main go to openai, to be searched',
    ]);
  });
});
