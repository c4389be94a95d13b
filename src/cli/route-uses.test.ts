import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routeRow, usesOf, type RouteUse } from './route-uses.ts';

const IO = { out: () => undefined, talk: () => undefined, colour: false, live: false };

const used = {
  minute: { period: '2026-11-22T12:01', requests: 3 },
  day: { period: '2026-11-22', requests: 12, tokens: 34_000, usd: 0.417 },
  month: { period: '2026-11', requests: 40, tokens: 90_000, usd: 2 },
};
const main = { gateway: 'main', provider: 'anthropic' };
const over = 'daily budget for route anthropic is used up (0.40 USD); resets 00:00 UTC';

const ROWS: readonly (readonly [situation: string, use: RouteUse, expected: readonly string[]])[] = [
  ['a gate that could not be asked', main, ['unchecked']],
  ['no account', { ...main, limits: {}, closed: 'x' }, ['what was used is not known', 'x']],
  [
    'no budget',
    { ...main, limits: {}, used },
    ['today 12 requests, 34000 tokens, 0.42 USD; this month 40 requests, 90000 tokens, 2.00 USD'],
  ],
  [
    'a budget, and it is used up',
    { ...main, limits: { minute: { requests: 30 }, day: { usd: 0.4 }, month: { requests: 100, tokens: 1e6 } }, used, closed: over },
    [
      '3 of 30 requests this minute; today 12 requests, 34000 tokens, 0.42 of 0.40 USD; this month 40 of 100 requests, 90000 of 1000000 tokens, 2.00 USD',
      over,
    ],
  ],
];

const ASKED = { gateway: 'main', provider: 'a2a-worker', limits: { minute: { requests: 5 }, day: { requests: 20 } }, used };

test('routeRow: another agent -> requests alone', () => {
  const row = ['gateway main', 'a2a-worker', '3 of 5 requests this minute; today 12 of 20 requests; this month 40 requests'];
  assert.deepEqual(routeRow(IO, ASKED), row);
});

const limits = { day: { usd: 5 } };
const route = (provider: string, client = 'gateway-main') => ({ client, provider, limits, used });

test('usesOf: one provider -> its route, with its limits', () => {
  assert.deepEqual(
    usesOf('main', ['openai'], [route('openai', 'gateway-other'), route('anthropic'), { ...route('openai'), closed: 'x' }]),
    [{ gateway: 'main', provider: 'openai', limits, used, closed: 'x' }],
  );
  assert.deepEqual(usesOf('main', ['openai'], []), [{ gateway: 'main', provider: 'openai' }]);
});

test('usesOf: two providers -> what each has used, and both together beside the one budget', () => {
  const uses = usesOf('main', ['anthropic', 'openai'], [route('openai'), { ...route('anthropic'), closed: over }]);
  const both = { minute: { ...used.minute, requests: 6 }, day: { period: '2026-11-22', requests: 24, tokens: 68_000, usd: 0.834 } };
  assert.deepEqual(uses, [
    { gateway: 'main', provider: 'anthropic', limits: {}, used },
    { gateway: 'main', provider: 'openai', limits: {}, used },
    {
      gateway: 'main',
      provider: 'anthropic + openai',
      limits,
      used: { ...both, month: { period: '2026-11', requests: 80, tokens: 180_000, usd: 4 } },
      closed: over,
    },
  ]);
});

test('usesOf: two providers, and of one nothing is known -> the sum is not known either', () => {
  const { used: _used, ...unknown } = route('openai');
  assert.equal(usesOf('main', ['anthropic', 'openai'], [route('anthropic'), unknown])[2]?.used, undefined);
  assert.deepEqual(usesOf('main', ['anthropic', 'openai'], [route('anthropic')])[1], { gateway: 'main', provider: 'openai' });
});

for (const [situation, use, expected] of ROWS) {
  test(`routeRow: ${situation} -> ${expected[0]}`, () => assert.deepEqual(routeRow(IO, use), ['gateway main', 'anthropic', ...expected]));
}
