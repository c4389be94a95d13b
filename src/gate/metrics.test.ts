import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GateStatus } from '../policy/gate-protocol.ts';
import { Counts } from './metrics.ts';

const status: GateStatus = {
  pid: 1,
  uptimeMs: 61_400,
  overrides: 0,
  trail: { seq: 9, hash: '' },
  connections: 2,
  allowed: 0,
  denied: 0,
  tunnels: [{ id: 1, client: 'a', host: 'x.test', port: 443, sinceMs: 5, up: 10, down: 1000 }],
};

test('Counts: nothing happened yet -> only what the status tells', () => {
  assert.equal(
    new Counts().text({ ...status, tunnels: [], policyError: 'x', trailError: 'y' }),
    [
      '# HELP lobsterpot_gate_uptime_seconds since the gate started',
      '# TYPE lobsterpot_gate_uptime_seconds gauge',
      'lobsterpot_gate_uptime_seconds 61',
      '# HELP lobsterpot_gate_policy_valid 1: the files on disk are what is in force',
      '# TYPE lobsterpot_gate_policy_valid gauge',
      'lobsterpot_gate_policy_valid 0',
      '# HELP lobsterpot_gate_trail_writable 1: records can be written',
      '# TYPE lobsterpot_gate_trail_writable gauge',
      'lobsterpot_gate_trail_writable 0',
      '# HELP lobsterpot_gate_trail_records_total sequence number of the newest record',
      '# TYPE lobsterpot_gate_trail_records_total counter',
      'lobsterpot_gate_trail_records_total 9',
      '# HELP lobsterpot_gate_connections open connections of clients',
      '# TYPE lobsterpot_gate_connections gauge',
      'lobsterpot_gate_connections 2',
      '',
    ].join('\n'),
  );
});

test('Counts: decisions by client, verdict and reason; bytes of what has ended and of what is open', () => {
  const counts = new Counts();
  for (const reason of ['no-rule', 'no-rule', 'limit'] as const) counts.decided({ client: 'a', verdict: 'deny', reason });
  counts.decided({ client: 'b', verdict: 'allow', reason: 'rule' });
  counts.ended({ client: 'a', up: 1, down: 2 });
  counts.ended({ client: 'b', up: 3, down: 4 });
  const lines = counts.text(status).split('\n');
  const of = (name: string): readonly string[] => lines.filter((line) => line.startsWith(`lobsterpot_gate_${name}`));
  assert.deepEqual(of('decisions_total'), [
    'lobsterpot_gate_decisions_total{client="a",verdict="deny",reason="no-rule"} 2',
    'lobsterpot_gate_decisions_total{client="a",verdict="deny",reason="limit"} 1',
    'lobsterpot_gate_decisions_total{client="b",verdict="allow",reason="rule"} 1',
  ]);
  assert.deepEqual(of('tunnels'), ['lobsterpot_gate_tunnels{client="a"} 1', 'lobsterpot_gate_tunnels{client="b"} 0']);
  assert.deepEqual(of('bytes_total'), [
    'lobsterpot_gate_bytes_total{client="a",direction="up"} 11',
    'lobsterpot_gate_bytes_total{client="a",direction="down"} 1002',
    'lobsterpot_gate_bytes_total{client="b",direction="up"} 3',
    'lobsterpot_gate_bytes_total{client="b",direction="down"} 4',
  ]);
});
