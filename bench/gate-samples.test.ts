import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doubtful, linesOf, type Sample } from './gate-samples.ts';

const RUN = { seconds: 2, tunnels: 10, failed: 0, bytes: 4e9, p50Ms: 1, p99Ms: 2, cpuSeconds: 0.5 } as const;
const bulk = (proxy: string, more: Partial<Sample>): Sample => ({ ...RUN, what: 'bulk', proxy, ...more });

test('linesOf: three rounds -> the median of each, nothing where nothing was asked', () => {
  const [throughput, cpu, many] = linesOf([
    bulk('gate', { seconds: 1, proxyCpuSeconds: 2 }),
    bulk('gate', { seconds: 4, proxyCpuSeconds: 4 }),
    bulk('gate', { seconds: 2, proxyCpuSeconds: 8 }),
    bulk('direct', {}),
  ]);
  assert.deepEqual(throughput?.of, { direct: 2000, gate: 2000, squid: undefined, peeking: undefined });
  assert.deepEqual(cpu?.of, { direct: undefined, gate: 1, squid: undefined, peeking: undefined });
  assert.deepEqual(many?.of, { direct: undefined, gate: undefined, squid: undefined, peeking: undefined });
});

test('doubtful: failed tunnels, a load that was busy all the time -> named', () => {
  assert.deepEqual(doubtful([bulk('gate', {})]), []);
  assert.deepEqual(doubtful([bulk('squid', { failed: 3 }), bulk('direct', { cpuSeconds: 1.9 })]), [
    'squid, bulk: 3 of 10 tunnels failed',
    'direct, bulk: the load itself was busy all the time',
  ]);
});
