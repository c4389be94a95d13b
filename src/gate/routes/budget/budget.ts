import { isRecord } from '../../../core/json.ts';
import { type Invalid, unknownKey } from '../../../policy/policy-file.ts';
import type { Price } from './prices.ts';

/** What may be used in one period; what is not named is not limited. */
export type Limits = { readonly requests?: number; readonly tokens?: number; readonly usd?: number };

/** The budget of one route. Minutes, days and months are those of UTC. */
export type Budget = {
  readonly minute?: Pick<Limits, 'requests'>;
  readonly day?: Limits;
  readonly month?: Limits;
  readonly prices?: Readonly<Record<string, Price>>;
};

/** What was used in one period, and which it was: `2026-11-22`, `2026-11`. */
export type Used = { readonly period: string; readonly requests: number; readonly tokens: number; readonly usd: number };

/** What was used on one route, today and this month. */
export type Account = { readonly day: Used; readonly month: Used };

const unused = (period: string): Used => ({ period, requests: 0, tokens: 0, usd: 0 });

/** The account as it stands at this moment: a new day begins with nothing, and so does a new month. */
export function accountAt(account: Account | undefined, nowMs: number): Account {
  const now = new Date(nowMs).toISOString();
  const [day, month] = [now.slice(0, 10), now.slice(0, 7)];
  return {
    day: account?.day.period === day ? account.day : unused(day),
    month: account?.month.period === month ? account.month : unused(month),
  };
}

/** The account after one more request. */
export function charge(account: Account, cost: { readonly tokens: number; readonly usd: number }): Account {
  const more = ({ period, requests, tokens, usd }: Used): Used => ({
    period,
    requests: requests + 1,
    tokens: tokens + cost.tokens,
    usd: usd + cost.usd,
  });
  return { day: more(account.day), month: more(account.month) };
}

/** What was used on several routes of one moment, as one account. */
export function together([first, ...others]: readonly [Account, ...Account[]]): Account {
  const more = (one: Used, other: Used): Used => ({
    period: one.period,
    requests: one.requests + other.requests,
    tokens: one.tokens + other.tokens,
    usd: one.usd + other.usd,
  });
  return others.reduce((all, one) => ({ day: more(all.day, one.day), month: more(all.month, one.month) }), first);
}

/**
 * Why nothing more may be asked; undefined: it may. In the words that OpenClaw shows as they are and does not try again
 * after: a "daily budget" that "is used up" and "resets".
 */
export function overBudget(route: string, budget: Budget, account: Account, nowMs: number): string | undefined {
  const month = exceeded(budget.month, account.month);
  if (month !== undefined) return `daily budget for route ${route} is used up (${month} this month); resets ${nextMonth(nowMs)} 00:00 UTC`;
  const day = exceeded(budget.day, account.day);
  return day === undefined ? undefined : `daily budget for route ${route} is used up (${day}); resets 00:00 UTC`;
}

function exceeded(limits: Limits | undefined, used: Used): string | undefined {
  const { usd, tokens, requests } = limits ?? {};
  if (usd !== undefined && used.usd >= usd) return `${usd.toFixed(2)} USD`;
  if (tokens !== undefined && used.tokens >= tokens) return `${tokens} tokens`;
  if (requests !== undefined && used.requests >= requests) return `${requests} requests`;
  return undefined;
}

function nextMonth(nowMs: number): string {
  const now = new Date(nowMs);
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)).toISOString().slice(0, 10);
}

/** Reads a budget of gate.json. */
export function parseBudget(value: unknown): Budget | Invalid {
  if (!isRecord(value)) return { invalid: 'budget is not an object' };
  const unknown = unknownKey(value, ['minute', 'day', 'month', 'prices']);
  if (unknown !== undefined) return { invalid: `budget: unknown key ${JSON.stringify(unknown)}` };
  const minute = value['minute'] === undefined ? undefined : parseLimits(value['minute'], 'minute', ['requests']);
  if (minute && 'invalid' in minute) return minute;
  const day = value['day'] === undefined ? undefined : parseLimits(value['day'], 'day');
  if (day && 'invalid' in day) return day;
  const month = value['month'] === undefined ? undefined : parseLimits(value['month'], 'month');
  if (month && 'invalid' in month) return month;
  const prices = parsePrices(value['prices'] ?? {});
  if ('invalid' in prices) return prices;
  return { ...(minute ? { minute } : {}), ...(day ? { day } : {}), ...(month ? { month } : {}), prices: prices.prices };
}

const KINDS = ['requests', 'tokens', 'usd'] as const;

function parseLimits(value: unknown, period: string, kinds: readonly (typeof KINDS)[number][] = KINDS): Limits | Invalid {
  if (!isRecord(value)) return { invalid: `budget.${period} is not an object` };
  const limits: { requests?: number; tokens?: number; usd?: number } = {};
  for (const [key, limit] of Object.entries(value)) {
    const kind = kinds.find((one) => one === key);
    if (kind === undefined) return { invalid: `budget.${period}: unknown key ${JSON.stringify(key)}` };
    if (!isAmount(limit)) return { invalid: `budget.${period}.${key} is no amount` };
    limits[kind] = limit;
  }
  return limits;
}

function parsePrices(value: unknown): { readonly prices: Readonly<Record<string, Price>> } | Invalid {
  if (!isRecord(value)) return { invalid: 'budget.prices is not an object' };
  const prices = new Map<string, Price>();
  for (const [model, entry] of Object.entries(value)) {
    const { input, output, cacheRead = 0, cacheWrite = input } = isRecord(entry) ? entry : {};
    if (!isAmount(input) || !isAmount(output) || !isAmount(cacheRead) || !isAmount(cacheWrite))
      return { invalid: `budget.prices: ${JSON.stringify(model.slice(0, 80))} is no price` };
    prices.set(model, { input, output, cacheRead, cacheWrite });
  }
  return { prices: Object.fromEntries(prices) };
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= 1e12;
}
