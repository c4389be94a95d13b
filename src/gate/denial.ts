import type { Reason, Verdict } from '../policy/policy.ts';
import { jsonAnswer } from './json-answer.ts';

/** Everything a denial can say. */
export type Denial = {
  readonly policy: string;
  readonly host: string;
  readonly port: number;
  readonly verdict: Verdict;
  readonly detail?: string;
};

/** The HTTP answer to a refused request: a JSON body that a person and an agent can act on. */
export function renderDenial(denial: Denial): string {
  const { host, port, verdict, detail, policy } = denial;
  const body = JSON.stringify({
    blocked: !isFailure(verdict.reason),
    host,
    port,
    reason: verdict.reason,
    ...(verdict.rule === undefined ? {} : { rule: verdict.rule }),
    ...(detail === undefined ? {} : { detail }),
    policy,
    next: nextStep(denial),
  });
  return jsonAnswer(statusLine(verdict.reason), body);
}

function isFailure(reason: Reason): boolean {
  return reason === 'unresolvable' || reason === 'upstream-failed';
}

function statusLine(reason: Reason): string {
  if (isFailure(reason)) return '502 Bad Gateway';
  if (reason === 'bad-request' || reason === 'bad-target') return '400 Bad Request';
  if (reason === 'limit' || reason === 'no-audit') return '503 Service Unavailable';
  return '403 Forbidden';
}

function nextStep({ host, port, verdict }: Denial): string {
  const place = host.includes(':') ? `'[${host}]${port === 443 ? '' : `:${port}`}'` : `${host}${port === 443 ? '' : `:${port}`}`;
  switch (verdict.reason) {
    case 'no-rule':
    case 'address-without-rule':
      return `ask the operator: lobsterpot egress allow ${place} --for 1h`;
    case 'private-address':
      return `the name leads into a private network; ask the operator: lobsterpot egress explain ${host}`;
    case 'deny-rule':
      return `the operator denied it; ask the operator: lobsterpot egress explain ${host}`;
    case 'never-class':
      return 'no rule opens this address; use another way';
    case 'bad-target':
    case 'bad-request':
    case 'host-mismatch':
      return 'send CONNECT host:port, or a plain request whose Host is the host of its http:// URL';
    case 'sni-missing':
    case 'sni-mismatch':
    case 'sni-hidden':
    case 'not-tls':
      return `speak TLS to ${host} with that name as its server name`;
    case 'limit':
      return 'try again when fewer connections are open';
    case 'unresolvable':
    case 'upstream-failed':
      return 'try again later; the policy allows it';
    case 'no-policy':
    case 'no-audit':
      return 'ask the operator: lobsterpot status';
    case 'dns-question':
      return 'no name is looked up for a client; send CONNECT host:port';
    case 'rule':
    case 'report-mode':
      return '';
  }
}

// A fatal alert, unrecognized_name: TLS clients show it; the HTTP answer was given before.
const ALERT = Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x70]);

/** What a TLS client is told whose ClientHello was refused after the 200. */
export function tlsAlert(): Buffer {
  return ALERT;
}
