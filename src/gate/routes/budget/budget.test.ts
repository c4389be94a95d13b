import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { providerOf } from '../providers/all.ts';
import { NO_USAGE } from '../usage/usage.ts';
import { Accounts } from './accounts.ts';
import { accountAt, charge, overBudget, parseBudget, together, type Budget } from './budget.ts';
import { meter } from './metered.ts';
import { costOf, priceOf, PRICES_DATE } from './prices.ts';

const NOON = Date.UTC(2026, 11, 31, 12);
const DAY = 86_400_000;
const used = charge(charge(accountAt(undefined, NOON), { tokens: 60, usd: 2 }), { tokens: 40, usd: 3 });

const BUDGETS: readonly (readonly [situation: string, budget: Budget, laterMs: number, expected: string | undefined])[] = [
  ['none', {}, 0, undefined],
  ['room in all', { day: { usd: 5.01, tokens: 101, requests: 3 } }, 0, undefined],
  ['money', { day: { usd: 5 } }, 0, 'daily budget for route anthropic is used up (5.00 USD); resets 00:00 UTC'],
  ['tokens', { day: { tokens: 100 } }, 0, 'daily budget for route anthropic is used up (100 tokens); resets 00:00 UTC'],
  ['requests', { day: { requests: 2 } }, 0, 'daily budget for route anthropic is used up (2 requests); resets 00:00 UTC'],
  ['the month', { month: { usd: 1 } }, 0, 'daily budget for route anthropic is used up (1.00 USD this month); resets 2027-01-01 00:00 UTC'],
  ['the day after', { day: { usd: 5 } }, DAY, undefined],
  ['the month after', { month: { usd: 1 } }, DAY, undefined],
  ['nothing is allowed', { day: { requests: 0 } }, DAY, 'daily budget for route anthropic is used up (0 requests); resets 00:00 UTC'],
];

for (const [situation, budget, laterMs, expected] of BUDGETS) {
  test(`overBudget: ${situation} -> ${expected ?? 'more may be asked'}`, () => {
    const nowMs = NOON + laterMs;
    assert.equal(overBudget('anthropic', budget, accountAt(used, nowMs), nowMs), expected);
  });
}

for (const [situation, value, message] of [
  ['no object', 5, /not an object/],
  ['an unknown key', { week: {} }, /unknown key "week"/],
  ['an unknown limit', { day: { eur: 1 } }, /budget\.day: unknown key "eur"/],
  ['less than nothing', { day: { usd: -1 } }, /budget\.day\.usd/],
  ['no number', { month: { usd: Number.NaN } }, /budget\.month\.usd/],
  ['half a price', { prices: { m: { input: 1 } } }, /"m" is no price/],
] as const) {
  test(`parseBudget: ${situation} -> invalid`, () => {
    const budget = parseBudget(value);
    assert.match('invalid' in budget ? budget.invalid : '', message);
  });
}

test('together: two routes -> their sum; one -> itself', () => {
  const other = charge(accountAt(undefined, NOON), { tokens: 7, usd: 0.5 });
  assert.deepEqual(together([used, other]).day, { period: '2026-12-31', requests: 3, tokens: 107, usd: 5.5 });
  assert.deepEqual(together([used, other]).month, { period: '2026-12', requests: 3, tokens: 107, usd: 5.5 });
  assert.deepEqual(together([used]), used);
});

test('parseBudget: a price without a cache -> nothing for reading it, the usual for writing it', () => {
  assert.deepEqual(parseBudget({ prices: { m: { input: 1, output: 2 } } }), {
    prices: { m: { input: 1, output: 2, cacheRead: 0, cacheWrite: 1 } },
  });
});

test('priceOf: a model -> the longest name that fits, the own price first, the dearest for a stranger', () => {
  assert.equal(priceOf('anthropic', 'claude-sonnet-5').input, 2);
  assert.equal(priceOf('anthropic', 'claude-sonnet-5-20260101').input, 2);
  assert.equal(priceOf('openai', 'gpt-5.4-mini-2026-03-01').output, 4.5);
  assert.equal(priceOf('anthropic', 'claude-sonnet-55').output, 50);
  assert.equal(priceOf('openai', 'who-knows').output, 180);
  assert.equal(priceOf('openai', 'text-embedding-3-small').input, 0.02);
  assert.equal(priceOf('nobody', 'who-knows').output, 180);
  const own = { claude: { input: 7, output: 8, cacheRead: 0, cacheWrite: 7 } };
  assert.deepEqual(priceOf('anthropic', 'claude-sonnet-5', own), own.claude);
});

test('PRICES_DATE: less than a year old -> somebody has looked lately', () => {
  assert.ok(Date.now() - Date.parse(PRICES_DATE) < 366 * DAY, 'compare the prices with what the providers say, and write the date');
});

test('costOf: tokens by their kinds -> dollars; what the provider says itself goes first', () => {
  const usage = { ...NO_USAGE, input: 1_000_000, output: 100_000, cacheRead: 1_000_000, cacheWrite: 1_000_000 };
  assert.equal(costOf(usage, { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 }), 8.55);
  assert.equal(costOf({ ...usage, usd: 0.5 }, { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 }), 0.5);
});

test('meter: the last word is missing -> the bytes count; an error costs nothing; a channel is not counted', () => {
  const [anthropic, telegram] = [providerOf('anthropic'), providerOf('telegram')];
  assert.ok(anthropic && telegram);
  const seen = { status: 200, up: 400, down: 4000 };
  const known = { ...NO_USAGE, model: 'claude-sonnet-5', input: 50, output: 1 };
  assert.deepEqual(meter(anthropic, { ...known, isFinal: true }, seen), { tokens: 51, usd: 0.00011 });
  assert.deepEqual(meter(anthropic, known, seen), { tokens: 1050, usd: 0.0101 });
  assert.equal(meter(anthropic, undefined, seen)?.tokens, 1100);
  assert.equal(meter(anthropic, undefined, { ...seen, status: 0, down: 0 })?.tokens, 100);
  assert.deepEqual(meter(anthropic, undefined, { ...seen, status: 529 }), { tokens: 0, usd: 0 });
  assert.equal(meter(telegram, undefined, seen), undefined);
});

test('Accounts: over a restart -> kept; spoilt -> not known, whatever is added', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'accounts-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'state/routes.json');
  const said: string[] = [];
  const open = (): Accounts =>
    new Accounts(
      path,
      () => NOON,
      (message) => said.push(message),
    );
  const first = open();
  assert.equal(first.of('a')?.day.requests, 0);
  first.add('a', { tokens: 5, usd: 0.5 });
  first.add('a', { tokens: 5, usd: 0.25 });
  assert.deepEqual(open().of('a')?.month, { period: '2026-12', requests: 2, tokens: 10, usd: 0.75 });
  assert.equal(open().of('b')?.day.requests, 0);
  const good = readFileSync(path, 'utf8');
  for (const spoilt of [
    '',
    '{',
    good.slice(0, -3),
    good.replace('"tokens":10', '"tokens":-10'),
    good.replace('"version":1', '"version":2'),
  ]) {
    writeFileSync(path, spoilt);
    const accounts = open();
    accounts.add('a', { tokens: 1, usd: 1 });
    assert.equal(accounts.of('a'), undefined, spoilt);
    assert.equal(readFileSync(path, 'utf8'), spoilt);
  }
  assert.equal(said.length, 5);
});
