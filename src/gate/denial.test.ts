import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Reason } from '../policy/policy.ts';
import { renderDenial } from './denial.ts';

function parts(host: string, reason: Reason, detail?: string): { readonly head: string; readonly body: unknown } {
  const text = renderDenial({
    policy: 'home/gateway-main',
    host,
    port: 443,
    verdict: { allowed: false, reason },
    ...(detail === undefined ? {} : { detail }),
  });
  const [head = '', body = ''] = text.split('\r\n\r\n');
  assert.equal(Buffer.byteLength(body), Number(/content-length: (\d+)/.exec(head)?.[1]));
  return { head, body: JSON.parse(body) };
}

test('renderDenial: no rule -> 403 and the command that allows it', () => {
  const { head, body } = parts('evil.test', 'no-rule');
  assert.match(head, /^HTTP\/1\.1 403 Forbidden\r\ncontent-type: application\/json\r\n/);
  assert.deepEqual(body, {
    blocked: true,
    host: 'evil.test',
    port: 443,
    reason: 'no-rule',
    policy: 'home/gateway-main',
    next: 'ask the operator: lobsterpot egress allow evil.test --for 1h',
  });
});

test('renderDenial: each reason -> its own status', () => {
  const statuses = {
    'never-class': 403,
    'bad-request': 400,
    limit: 503,
    'no-audit': 503,
    unresolvable: 502,
    'upstream-failed': 502,
    'no-policy': 403,
  } as const;
  for (const [reason, status] of Object.entries(statuses)) {
    const known = (['never-class', 'bad-request', 'limit', 'no-audit', 'unresolvable', 'upstream-failed', 'no-policy'] as const).find(
      (one) => one === reason,
    );
    assert.ok(known);
    assert.match(parts('a.test', known).head, new RegExp(`^HTTP/1\\.1 ${status} `));
  }
});

test('renderDenial: any host and detail -> one answer that cannot be split', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (host, detail) => {
      const { body } = parts(host, 'bad-target', detail);
      assert.equal(
        JSON.stringify(body),
        JSON.stringify({
          blocked: true,
          host,
          port: 443,
          reason: 'bad-target',
          detail,
          policy: 'home/gateway-main',
          next: 'send CONNECT host:port, or a plain request whose Host is the host of its http:// URL',
        }),
      );
    }),
  );
});

const AFTER_200 = 'after 200';
/** Where each reason shows; a record, so that a new one does not compile until it stands here and in docs/gate.md. */
const SHOWN: Readonly<Record<Reason, string>> = {
  rule: '200',
  'report-mode': '200',
  'no-rule': '403',
  'deny-rule': '403',
  'address-without-rule': '403',
  'never-class': '403',
  'private-address': '403',
  'bad-target': '400',
  'bad-request': '400',
  'host-mismatch': '403',
  unresolvable: '502',
  'upstream-failed': '502',
  'sni-missing': AFTER_200,
  'sni-mismatch': AFTER_200,
  'sni-hidden': AFTER_200,
  'not-tls': AFTER_200,
  limit: '503',
  'no-policy': '403',
  'no-audit': '503',
  'dns-question': 'DNS: REFUSED',
};

test('docs/gate.md: its table of reasons -> every reason there is, with the answer that is given', () => {
  const rows = readFileSync(new URL('../../docs/gate.md', import.meta.url), 'utf8').matchAll(/^\| `([a-z-]+)` \| ([^|]+) \| [^|]+ \|$/gm);
  assert.deepEqual(new Map([...rows].map(([, reason = '', shown = '']) => [reason, shown])), new Map(Object.entries(SHOWN)));
  for (const [reason, shown] of Object.entries(SHOWN)) {
    if (!/^[45]/.test(shown) || !isReason(reason)) continue;
    assert.match(parts('a.test', reason).head, new RegExp(`^HTTP/1\\.1 ${shown} `), reason);
  }
});

function isReason(text: string): text is Reason {
  return Object.hasOwn(SHOWN, text);
}
