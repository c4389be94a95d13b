import type { Reason, Verdict } from '../policy/policy.ts';
import type { DecisionEvent, EndEvent, TrailEvent, TrailPlace } from '../policy/trail-line.ts';
import { openLine } from '../policy/trail-line.ts';

/** A decision and where it stands in the chain. */
export type Decision = TrailPlace & DecisionEvent;

/** What a line of the trail says; undefined when its hash does not fit or it is no record that we know. */
export function readRecord(text: string): (TrailPlace & TrailEvent) | undefined {
  const opened = openLine(text);
  if (!opened) return undefined;
  const { place, record } = opened;
  const event = readEvent(record);
  return event ? { ...place, ...event } : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function readEvent(record: Fields): TrailEvent | undefined {
  const { kind } = record;
  const text = (key: string): string => (typeof record[key] === 'string' ? record[key] : '');
  const count = (key: string): number => (typeof record[key] === 'number' ? record[key] : 0);
  switch (kind) {
    case 'decision':
      return readDecision(record);
    case 'end': {
      const why = END_REASONS.find((one) => one === record['why']) ?? 'error';
      const { of, up, down, ms, port } = { of: count('of'), up: count('up'), down: count('down'), ms: count('ms'), port: count('port') };
      const more = Object.fromEntries(ON_ROUTES.flatMap((key) => (typeof record[key] === 'number' ? [[key, record[key]]] : [])));
      return { kind, of, client: text('client'), host: text('host'), port, up, down, ms, why, ...more };
    }
    case 'start':
      return { kind, pid: count('pid'), file: count('file'), oldest: count('oldest') };
    case 'file':
      return { kind, file: count('file'), oldest: count('oldest') };
    case 'stop':
      return { kind, why: text('why') };
    case 'policy':
      return { kind, digest: text('digest'), mode: text('mode') };
    case 'policy-error':
      return { kind, message: text('message') };
    case 'operator':
      return { kind, by: text('by'), change: text('change') };
    case 'gap':
      return { kind, bytes: count('bytes'), records: count('records') };
    default:
      return undefined;
  }
}

const ON_ROUTES = ['status', 'tokens', 'usd'] as const;
const END_REASONS: readonly EndEvent['why'][] = ['closed', 'idle', 'total', 'policy', 'operator', 'error', 'stopped'];
const VIAS: readonly DecisionEvent['via'][] = ['connect', 'http', 'route', 'dns', 'none'];
const VERDICTS: readonly DecisionEvent['verdict'][] = ['allow', 'deny'];

/** Every reason there is; a record, so that a new one does not compile until it stands here. */
export const REASONS: Readonly<Record<Reason, true>> = {
  rule: true,
  'no-rule': true,
  'deny-rule': true,
  'report-mode': true,
  'bad-target': true,
  'address-without-rule': true,
  'never-class': true,
  unresolvable: true,
  'private-address': true,
  'sni-missing': true,
  'sni-mismatch': true,
  'sni-hidden': true,
  'not-tls': true,
  'host-mismatch': true,
  'bad-request': true,
  limit: true,
  'no-policy': true,
  'upstream-failed': true,
  'no-audit': true,
  'dns-question': true,
};

/** Is this one of the reasons that a verdict may have? */
export function isReason(value: unknown): value is Verdict['reason'] {
  return typeof value === 'string' && Object.hasOwn(REASONS, value);
}

function readDecision(record: Fields): DecisionEvent | undefined {
  const { client, host, port, reason, would } = record;
  const via = VIAS.find((one) => one === record['via']);
  const verdict = VERDICTS.find((one) => one === record['verdict']);
  if (typeof client !== 'string' || typeof host !== 'string' || typeof port !== 'number') return undefined;
  if (!via || !verdict || !isReason(reason)) return undefined;
  const more = Object.fromEntries(OPTIONAL.flatMap((key) => (typeof record[key] === 'string' ? [[key, record[key]]] : [])));
  return { kind: 'decision', client, verdict, reason, ...(isReason(would) ? { would } : {}), via, host, port, ...more };
}

const OPTIONAL = ['rule', 'sni', 'address', 'detail'] as const;
