import { isRecord } from '../core/json.ts';
import { Problem, reasonOf } from '../core/problem.ts';
import type { GateAnswer, GateRequest, GateRoute, GateStatus, PendingEntry } from '../policy/gate-protocol.ts';
import type { Verdict } from '../policy/policy.ts';

/** Sends one line to the gate's control socket and gives the line that answers it, within a time limit of its own. */
export type AskGate = (line: string) => Promise<string>;

/** Asks a running gate. Throws a Problem when it does not answer, or says something that no gate says. */
export async function controlGate(ask: AskGate, request: GateRequest): Promise<GateAnswer> {
  const line = await ask(JSON.stringify(request)).catch((error: unknown) => {
    throw new Problem('audit/gate-silent', 'the gate does not answer', { cause: reasonOf(error), fix: 'lobsterpot status', from: error });
  });
  const answer = parseAnswer(line);
  if (answer) return answer;
  throw new Problem('audit/gate-answer', 'the gate gave an answer that makes no sense', {
    cause: 'it may be of another version than this command',
    fix: 'lobsterpot up',
  });
}

/** The answer to `status`; a Problem when the gate refuses to give it. */
export async function gateStatus(ask: AskGate): Promise<GateStatus> {
  const answer = await controlGate(ask, { op: 'status' });
  if (answer.ok && answer.op === 'status') return answer.status;
  throw refused(answer);
}

/** A gate's refusal, as a Problem. */
export function refused(answer: GateAnswer): Problem {
  return new Problem('audit/gate-refused', 'the gate refused the request', {
    cause: answer.ok ? `it answered ${answer.op}` : answer.error,
    fix: 'lobsterpot status',
  });
}

// The gate is ours, but what comes over its socket is still parsed before it is believed.
function parseAnswer(line: string): GateAnswer | undefined {
  const value = parse(line);
  if (!isRecord(value)) return undefined;
  if (value['ok'] === false) return { ok: false, error: typeof value['error'] === 'string' ? value['error'] : 'no reason given' };
  switch (value['op']) {
    case 'status':
      return isStatus(value['status']) ? { ok: true, op: 'status', status: value['status'] } : undefined;
    case 'reload': {
      const { closed, policyDigest, policyError } = value;
      if (typeof closed !== 'number') return undefined;
      return {
        ok: true,
        op: 'reload',
        closed,
        ...(typeof policyDigest === 'string' ? { policyDigest } : {}),
        ...(typeof policyError === 'string' ? { policyError } : {}),
      };
    }
    case 'test': {
      const { host, port, verdict, detail } = value;
      if (typeof host !== 'string' || typeof port !== 'number' || !isVerdict(verdict)) return undefined;
      return { ok: true, op: 'test', host, port, verdict, ...(typeof detail === 'string' ? { detail } : {}) };
    }
    case 'pending': {
      const { pending } = value;
      return Array.isArray(pending) && pending.every(isPending) ? { ok: true, op: 'pending', pending } : undefined;
    }
    case 'metrics':
      return typeof value['text'] === 'string' ? { ok: true, op: 'metrics', text: value['text'] } : undefined;
    case 'proof':
      return { ok: true, op: 'proof' };
    case 'close':
      return typeof value['closed'] === 'number' ? { ok: true, op: 'close', closed: value['closed'] } : undefined;
    default:
      return undefined;
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isStatus(value: unknown): value is GateStatus {
  if (!isRecord(value)) return false;
  const { pid, uptimeMs, connections, allowed, denied, overrides, tunnels, trail, routes } = value;
  return (
    [pid, uptimeMs, connections, allowed, denied, overrides].every((one) => typeof one === 'number') &&
    Array.isArray(tunnels) &&
    isRecord(trail) &&
    (routes === undefined || (Array.isArray(routes) && routes.every(isRoute)))
  );
}

function isRoute(value: unknown): value is GateRoute {
  if (!isRecord(value)) return false;
  const { client, provider, limits, used, closed } = value;
  const amounts = (one: unknown, keys: readonly string[]): boolean =>
    isRecord(one) && keys.every((key) => typeof one[key] === 'number' && Number.isFinite(one[key]));
  const limited = (one: unknown): boolean => one === undefined || (isRecord(one) && amounts(one, Object.keys(one)));
  return (
    typeof client === 'string' &&
    typeof provider === 'string' &&
    (closed === undefined || typeof closed === 'string') &&
    isRecord(limits) &&
    Object.values(limits).every(limited) &&
    (used === undefined ||
      (isRecord(used) &&
        amounts(used['minute'], ['requests']) &&
        ['day', 'month'].every((key) => amounts(used[key], ['requests', 'tokens', 'usd']))))
  );
}

function isVerdict(value: unknown): value is Verdict {
  return isRecord(value) && typeof value['allowed'] === 'boolean' && typeof value['reason'] === 'string';
}

function isPending(value: unknown): value is PendingEntry {
  if (!isRecord(value)) return false;
  const { host, port, client, reason, count, firstMs, lastMs } = value;
  return (
    [host, client, reason].every((one) => typeof one === 'string') && [port, count, firstMs, lastMs].every((one) => typeof one === 'number')
  );
}
