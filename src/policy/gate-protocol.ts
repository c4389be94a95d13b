import type { Verdict } from './policy.ts';

/**
 * What Node runs the gate with. A young generation of one size: a smaller one is copied around more often, a larger one would be
 * memory that is never given back. Without Maglev, V8's middle compiler: what it made is compiled again by the one above it, and
 * both do that beside the tunnels (Node 20 and later know the flag; 20 has it off by itself).
 */
export const GATE_NODE_FLAGS = ['--no-maglev', '--min-semi-space-size=4', '--max-semi-space-size=4'] as const;

/** One line of JSON to the gate's control socket; each gets one line of JSON back. */
export type GateRequest =
  | { readonly op: 'status' }
  /** Whether it answers at all: what watches over it asks so again and again. */
  | { readonly op: 'ping' }
  /** Reads policy and overrides again; `by` and `change` go into the trail. */
  | { readonly op: 'reload'; readonly by?: string; readonly change?: string }
  /** Decides without sending anything. */
  | { readonly op: 'test'; readonly host: string; readonly port: number; readonly client: string }
  | { readonly op: 'pending' }
  /** What is counted, as Prometheus reads it. */
  | { readonly op: 'metrics' }
  /** A proof begins (or ends, with 0): for so long what is denied goes into the trail alone, because nobody has to decide about it. */
  | { readonly op: 'proof'; readonly by: string; readonly forMs: number }
  /** Ends one open tunnel, or all of a client. */
  | { readonly op: 'close'; readonly id?: number; readonly client?: string; readonly by: string };

export type GateStatus = {
  readonly pid: number;
  readonly uptimeMs: number;
  readonly deployment?: string;
  readonly mode?: 'enforce' | 'report';
  readonly policyDigest?: string;
  /** Why the files on disk are not what is in force. */
  readonly policyError?: string;
  readonly overrides: number;
  /** Why records cannot be written, if so. */
  readonly trailError?: string;
  readonly trail: { readonly seq: number; readonly hash: string };
  readonly connections: number;
  readonly allowed: number;
  readonly denied: number;
  readonly tunnels: readonly GateTunnel[];
  /** Absent: it has none. */
  readonly routes?: readonly GateRoute[];
};

/** Requests, tokens and dollars of one period of UTC, and which it is: `2026-11-22T12:01`, `2026-11-22`, `2026-11`. */
export type RouteUsed = { readonly period: string; readonly requests: number; readonly tokens: number; readonly usd: number };

/** What may be used in one period; what is not named is not limited. */
export type RouteLimits = { readonly requests?: number; readonly tokens?: number; readonly usd?: number };

/** One way of a client to a provider, what it has used and what it may. */
export type GateRoute = {
  readonly client: string;
  readonly provider: string;
  readonly limits: {
    readonly minute?: Pick<RouteLimits, 'requests'>;
    readonly day?: RouteLimits;
    readonly month?: RouteLimits;
  };
  /** Absent: it is not known. */
  readonly used?: { readonly minute: Pick<RouteUsed, 'period' | 'requests'>; readonly day: RouteUsed; readonly month: RouteUsed };
  /** Why nothing more is asked just now. */
  readonly closed?: string;
};

export type GateTunnel = {
  readonly id: number;
  readonly client: string;
  readonly host: string;
  readonly port: number;
  readonly sinceMs: number;
  readonly up: number;
  readonly down: number;
};

/** Denied attempts for one host, port and client. */
export type PendingEntry = {
  readonly host: string;
  readonly port: number;
  readonly client: string;
  readonly reason: string;
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
};

export type GateAnswer =
  | { readonly ok: true; readonly op: 'status'; readonly status: GateStatus }
  | { readonly ok: true; readonly op: 'ping' }
  | { readonly ok: true; readonly op: 'reload'; readonly policyDigest?: string; readonly policyError?: string; readonly closed: number }
  | {
      readonly ok: true;
      readonly op: 'test';
      readonly host: string;
      readonly port: number;
      readonly verdict: Verdict;
      readonly detail?: string;
    }
  | { readonly ok: true; readonly op: 'pending'; readonly pending: readonly PendingEntry[] }
  | { readonly ok: true; readonly op: 'metrics'; readonly text: string }
  | { readonly ok: true; readonly op: 'proof' }
  | { readonly ok: true; readonly op: 'close'; readonly closed: number }
  | { readonly ok: false; readonly error: string };
