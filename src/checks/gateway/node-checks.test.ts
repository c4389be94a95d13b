import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeObservation, judgeVersion } from './node-checks.ts';

describe('judgeObservation', () => {
  const id = 'a'.repeat(64);
  const cases = [
    {
      name: 'enrolled',
      nodes: [{ name: 'nas', state: 'enrolled', deviceId: id, connected: true }],
      strangers: [],
      expected: ['pass openclaw.node', 'pass openclaw.stranger'],
    },
    {
      name: 'not connected',
      nodes: [{ name: 'nas', state: 'enrolled', deviceId: id, connected: false }],
      strangers: [],
      expected: ['unknown openclaw.node', 'pass openclaw.stranger'],
    },
    {
      name: 'removed',
      nodes: [{ name: 'nas', state: 'missing' }],
      strangers: [],
      expected: ['fail openclaw.node', 'pass openclaw.stranger'],
    },
    {
      name: 'more commands',
      nodes: [{ name: 'nas', state: 'mismatch', deviceId: id, reason: 'its commands are more' }],
      strangers: [],
      expected: ['fail openclaw.node', 'pass openclaw.stranger'],
    },
    {
      name: 'a stranger',
      nodes: [],
      strangers: [{ id: 'b'.repeat(64), standing: 'paired', displayName: 'NAS\u001b[31m' }],
      expected: ['fail openclaw.stranger'],
    },
    { name: 'somebody asks', nodes: [], strangers: [{ id: 'b'.repeat(64), standing: 'asking' }], expected: ['fail openclaw.stranger'] },
  ] as const;
  for (const { name, nodes, strangers, expected } of cases) {
    test(`${name} -> ${expected.join(', ')}`, () => {
      const findings = judgeObservation('main', { nodes, strangers });
      assert.deepEqual(
        findings.map(({ status, checkId }) => `${status} ${checkId}`),
        expected,
      );
      assert.ok(findings.every(({ message }) => !message.includes('\u001b')));
    });
  }
});

test('judgeVersion: pinned -> pass, with a known hole -> fail, unreadable -> fail', () => {
  assert.equal(judgeVersion('2026.9.6').status, 'pass');
  assert.equal(judgeVersion('2026.1.1').status, 'fail');
  assert.equal(judgeVersion('latest').status, 'fail');
});
