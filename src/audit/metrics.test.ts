import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinMetrics } from './metrics.ts';

const one = (value: number, labels = ''): string =>
  `# HELP lobsterpot_gate_tunnels open\n# TYPE lobsterpot_gate_tunnels gauge\nlobsterpot_gate_tunnels${labels} ${value}\n`;

test('joinMetrics: two hosts -> each metric is described once, each sample names its host', () => {
  const text = joinMetrics([
    { host: 'mac', text: `${one(1)}# TYPE lobsterpot_gate_up_total counter\nlobsterpot_gate_up_total 5\n` },
    { host: 'nas', text: one(2, '{client="a"}') },
  ]);
  assert.equal(
    text,
    [
      '# HELP lobsterpot_gate_tunnels open',
      '# TYPE lobsterpot_gate_tunnels gauge',
      'lobsterpot_gate_tunnels{host="mac"} 1',
      'lobsterpot_gate_tunnels{host="nas",client="a"} 2',
      '# TYPE lobsterpot_gate_up_total counter',
      'lobsterpot_gate_up_total{host="mac"} 5',
      '',
    ].join('\n'),
  );
});

for (const line of ['other_metric 1', 'lobsterpot_gate_tunnels NaN', 'lobsterpot_gate_tunnels{a="\u001b[31m"} 1', '<html>']) {
  test(`joinMetrics: ${JSON.stringify(line)} -> refused`, () => {
    assert.throws(() => joinMetrics([{ host: 'nas', text: `${line}\n` }]), /metrics that make no sense/);
  });
}
