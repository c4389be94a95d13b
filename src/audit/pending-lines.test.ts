import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pendingLines } from './pending-lines.ts';

const policy = {
  version: 1,
  deployment: 'home',
  mode: 'enforce',
  allow: [{ host: 'api.anthropic.com', port: 443, source: 'lobsterpot.yaml' }],
  deny: [],
} as const;

test('pendingLines: several clients and gates -> one line a host and port, what pretends first, then the most recent', () => {
  const of = (host: string, client: string, lastMs: number, port = 443) => ({
    host,
    port,
    client,
    reason: 'no-rule',
    count: 2,
    firstMs: lastMs - 5,
    lastMs,
  });
  const lines = pendingLines(
    [
      of('new.test', 'gateway-main', 90),
      of('api.anthropic.com.evil.test', 'node-nas', 10),
      of('new.test', 'node-nas', 50),
      of('new.test', 'node-nas', 20, 8443),
    ],
    policy,
  );
  assert.deepEqual(
    lines.map(({ place, written, clients, count, firstMs, lastMs, note }) => [
      place,
      written,
      clients.join(),
      count,
      firstMs,
      lastMs,
      note.isWarning,
    ]),
    [
      ['api.anthropic.com.evil.test:443', 'api.anthropic.com.evil.test', 'node-nas', 2, 5, 10, true],
      ['new.test:443', 'new.test', 'gateway-main,node-nas', 4, 45, 90, false],
      ['new.test:8443', 'new.test:8443', 'node-nas', 2, 15, 20, false],
    ],
  );
});
