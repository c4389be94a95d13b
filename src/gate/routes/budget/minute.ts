import type { Budget } from './budget.ts';

/** How often a route was asked in one minute of UTC, and in which: `2026-11-22T12:01`. Not kept over a restart. */
export type Minute = { readonly period: string; readonly requests: number };

const LENGTH_MS = 60_000;

/** The count as it stands at this moment: a new minute begins with none. */
export function minuteAt(minute: Minute | undefined, nowMs: number): Minute {
  const period = new Date(nowMs).toISOString().slice(0, 16);
  return minute?.period === period ? minute : { period, requests: 0 };
}

/**
 * Why nothing more may be asked in this minute; undefined: it may. In the words of `overBudget`: what OpenClaw takes for a
 * passing limit it tries again for over a minute, and so would an agent that runs away.
 */
export function overMinute(route: string, { minute: limits }: Budget, { requests }: Minute, nowMs: number): string | undefined {
  const most = limits?.requests;
  if (most === undefined || requests < most) return undefined;
  const resets = new Date(nowMs - (nowMs % LENGTH_MS) + LENGTH_MS).toISOString().slice(11, 16);
  return `daily budget for route ${route} is used up (${most} requests a minute); resets ${resets} UTC`;
}
