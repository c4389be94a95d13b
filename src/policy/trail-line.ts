import { hash } from 'node:crypto';
import { isRecord } from '../core/json.ts';
import type { Reason } from './policy.ts';

/** What one decision looks like in the trail: never a header, a query or a body. */
export type DecisionEvent = {
  readonly kind: 'decision';
  readonly client: string;
  readonly verdict: 'allow' | 'deny';
  readonly reason: Reason;
  readonly would?: Reason;
  readonly rule?: string;
  /** How it was asked for: `connect`, `http` (a plain forward request), `route` (the gate added the credential) or `dns` (a name alone). */
  readonly via: 'connect' | 'http' | 'route' | 'dns' | 'none';
  readonly host: string;
  readonly port: number;
  readonly sni?: string;
  readonly address?: string;
  /** Why in words, where the reason alone leaves it open. */
  readonly detail?: string;
};

/** The end of an allowed connection; `of` is the sequence number of its decision. */
export type EndEvent = {
  readonly kind: 'end';
  readonly of: number;
  readonly client: string;
  readonly host: string;
  readonly port: number;
  readonly up: number;
  readonly down: number;
  readonly ms: number;
  readonly why: 'closed' | 'idle' | 'total' | 'policy' | 'operator' | 'error' | 'stopped';
  /** On a route: what the provider answered with. */
  readonly status?: number;
  /** What it took, by the provider's own figures or, where it gave none, estimated from the bytes. */
  readonly tokens?: number;
  readonly usd?: number;
};

/** What happened to the gate itself, and who changed what. */
export type GateEvent =
  | { readonly kind: 'start'; readonly pid: number; readonly file: number; readonly oldest: number }
  /** A new file begins; `from` is where the oldest file that stays begins, told before the older ones are removed. */
  | { readonly kind: 'file'; readonly file: number; readonly oldest: number; readonly from?: TrailBeginning }
  | { readonly kind: 'stop'; readonly why: string }
  | { readonly kind: 'policy'; readonly digest: string; readonly mode: string }
  | { readonly kind: 'policy-error'; readonly message: string }
  | { readonly kind: 'operator'; readonly by: string; readonly change: string }
  /** Records or bytes that were lost: a torn last line after a crash, or writes that failed on a full disk. */
  | { readonly kind: 'gap'; readonly bytes: number; readonly records: number };

export type TrailEvent = DecisionEvent | EndEvent | GateEvent;

/** The first record that is kept, and the hash of the last one that is not. */
export type TrailBeginning = { readonly seq: number; readonly prev: string };

/** Where in the chain a line stands. `time` is epoch milliseconds. */
export type TrailPlace = { readonly seq: number; readonly time: number; readonly prev: string };

/** What the first line of a new trail carries instead of a hash before it. */
export const GENESIS = '0'.repeat(64);

/** One line with its own hash at the end; the next line carries that hash as its `prev`. */
export function sealLine(place: TrailPlace, event: TrailEvent): { readonly line: string; readonly hash: string } {
  // The place is written by hand: to make one object of both costs as much again as to write it.
  const body = `{"seq":${place.seq},"time":${place.time},"prev":"${place.prev}",${JSON.stringify(event).slice(1)}`;
  const own = hash('sha256', body);
  return { line: `${body.slice(0, -1)},"hash":"${own}"}\n`, hash: own };
}

/** What a line says, if its own hash fits what it says. `text` is without the newline. */
export function openLine(
  text: string,
): { readonly record: Readonly<Record<string, unknown>>; readonly place: TrailPlace; readonly hash: string } | undefined {
  const match = /^(\{.*),"hash":"([0-9a-f]{64})"\}$/s.exec(text);
  const [, body, own] = match ?? [];
  if (body === undefined || own === undefined || hash('sha256', `${body}}`) !== own) return undefined;
  try {
    const record: unknown = JSON.parse(`${body}}`);
    if (!isRecord(record)) return undefined;
    const { seq, time, prev } = record;
    if (typeof seq !== 'number' || typeof time !== 'number' || typeof prev !== 'string') return undefined;
    return { record, place: { seq, time, prev }, hash: own };
  } catch {
    return undefined;
  }
}

/** `trail-00000001.jsonl`: numbers only rise, also when old files are dropped. */
export function trailFileName(file: number): string {
  return `trail-${String(file).padStart(8, '0')}.jsonl`;
}

/** The number in a trail file's name. */
export function trailFileNumber(name: string): number | undefined {
  const match = /^trail-(\d{8,12})\.jsonl$/.exec(name);
  return match ? Number(match[1]) : undefined;
}
