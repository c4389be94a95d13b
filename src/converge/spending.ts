import { z } from 'zod';

import type { BudgetEntry, Deployment } from '../topology/deployment.ts';

/** What one budget allows: `day usd` to its amount; and `price input MODEL` to the file's own price. */
export const spendingSchema = z.record(z.string(), z.number());

type Spending = z.infer<typeof spendingSchema>;

/** `{ budgets }`: what each budget of the file allows, by whose it is; nothing where there is none. Pure. */
export function spendingOf(deployment: Deployment): { readonly budgets?: Record<string, Spending> } {
  const budgets = budgetsOf(deployment);
  return budgets.size === 0 ? {} : { budgets: Object.fromEntries(budgets) };
}

/** Which limits are gone or higher than they were, as sentences; a gateway that is gone spends nothing. Pure. */
export function looserBudgets(before: Readonly<Record<string, Spending>>, deployment: Deployment): readonly string[] {
  const now = budgetsOf(deployment);
  const asking = new Set(askersOf(deployment));
  return Object.entries(before)
    .filter(([whose]) => asking.has(whose))
    .flatMap(([whose, was]) => {
      const is = now.get(whose) ?? {};
      const cheaper = PERIODS.some((period) => was[`${period} usd`] !== undefined && is[`${period} usd`] !== undefined)
        ? changedPrices(was, is)
        : [];
      return [
        ...raised(was, is).map((one) => `the budget of ${whose}: ${one}`),
        ...cheaper.map((one) => `the budget of ${whose} counts by another price of ${one}`),
      ];
    });
}

const PERIODS = ['minute', 'day', 'month'] as const;
const PRICE = 'price ';

function raised(was: Spending, is: Spending): readonly string[] {
  return Object.entries(was).flatMap(([limit, amount]) => {
    if (limit.startsWith(PRICE)) return [];
    const [period = '', kind = ''] = limit.split(' ');
    const allowed = is[limit];
    const what = `${amount} ${kind === 'usd' ? 'USD' : kind} a ${period}`;
    if (allowed === undefined) return [`${what} is no longer a limit`];
    return allowed > amount ? [`${what} is raised to ${allowed}`] : [];
  });
}

/** The models whose price is another one, but for one that is only dearer: that of lobsterpot, which it may stand for, is not looked at. */
function changedPrices(was: Spending, is: Spending): readonly string[] {
  const keys = new Set([...Object.keys(was), ...Object.keys(is)].filter((key) => key.startsWith(PRICE)));
  const changed = [...keys].filter((key) => {
    const [before, now] = [was[key], is[key]];
    return before === undefined || now === undefined || now < before;
  });
  return [...new Set(changed.map((key) => key.split(' ').slice(2).join(' ')))];
}

function budgetsOf({ gateways }: Deployment): ReadonlyMap<string, Spending> {
  return new Map(
    gateways.flatMap(({ name, budget, channels }) => [
      ...entry(gatewayOf(name), budget),
      ...(channels?.a2a?.peers ?? []).flatMap((peer) => entry(peerOf(name, peer.name), peer.budget)),
    ]),
  );
}

function entry(whose: string, budget: BudgetEntry = {}): readonly (readonly [string, Spending])[] {
  const limits = PERIODS.flatMap((period) => amounts(budget[period], (kind) => `${period} ${kind}`));
  const prices = Object.entries(budget.prices ?? {}).flatMap(([model, price]) => amounts(price, (kind) => `${PRICE}${kind} ${model}`));
  return limits.length === 0 ? [] : [[whose, Object.fromEntries([...limits, ...prices])]];
}

function amounts(of: object | undefined, name: (key: string) => string): readonly (readonly [string, number])[] {
  return Object.entries(of ?? {}).flatMap(([key, amount]) => (typeof amount === 'number' ? [[name(key), amount] as const] : []));
}

/** Whoever may ask for what costs something. */
function askersOf({ gateways }: Deployment): readonly string[] {
  return gateways.flatMap(({ name, model, memory, channels }) => [
    ...(model || memory ? [gatewayOf(name)] : []),
    ...(channels?.a2a?.peers ?? []).map((peer) => peerOf(name, peer.name)),
  ]);
}

function gatewayOf(name: string): string {
  return `gateway ${name}`;
}

function peerOf(gateway: string, peer: string): string {
  return `gateway ${gateway} for ${peer}`;
}
