import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NODE_COMMANDS } from './config/commands.ts';
import { judgeNodes, type GatewayLists } from './observe-nodes.ts';

const ID = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);
const device = { deviceId: ID, publicKey: 'k', displayName: 'nas', role: 'node', roles: ['node'] };
const node = {
  nodeId: ID,
  displayName: 'nas',
  connected: true,
  paired: true,
  approvalState: 'approved',
  commands: [...NODE_COMMANDS],
  version: '2026.9.6',
};
const paired = { nodeId: ID, displayName: 'nas', commands: [...NODE_COMMANDS] };

function lists(change: Partial<GatewayLists> = {}): GatewayLists {
  return { devices: { paired: [device], pending: [] }, pairedNodes: { paired: [paired], pending: [] }, nodes: [node], ...change };
}

const STATES: readonly (readonly [string, GatewayLists, string, RegExp | undefined])[] = [
  ['known with our commands', lists(), 'enrolled', undefined],
  ['known and away', lists({ nodes: [{ ...node, connected: false }] }), 'enrolled', undefined],
  ['no device', lists({ devices: { paired: [], pending: [device] } }), 'missing', undefined],
  ['no node', lists({ nodes: [] }), 'missing', undefined],
  ['waits for a new approval', lists({ nodes: [{ ...node, approvalState: 'pending-reapproval' }] }), 'mismatch', /pending-reapproval/],
  ['no approval state', lists({ nodes: [{ nodeId: ID }] }), 'mismatch', /unknown/],
  ['an operator as well', lists({ devices: { paired: [{ ...device, roles: ['node', 'operator'] }], pending: [] } }), 'mismatch', /roles/],
  [
    'one command more',
    lists({ pairedNodes: { paired: [{ ...paired, commands: [...NODE_COMMANDS, 'system.execApprovals.set'] }], pending: [] } }),
    'mismatch',
    /system\.execApprovals\.set/,
  ],
  [
    'one command less',
    lists({ pairedNodes: { paired: [{ ...paired, commands: ['system.run'] }], pending: [] } }),
    'mismatch',
    /commands are system\.run and not/,
  ],
  ['asks for more', lists({ pairedNodes: { paired: [paired], pending: [{ ...paired, requestId: 'r' }] } }), 'mismatch', /another set/],
];

for (const [what, given, state, reason] of STATES) {
  test(`judgeNodes: ${what} -> ${state}`, () => {
    const [seen] = judgeNodes(given, [{ name: 'nas', deviceId: ID }]).nodes;
    assert.equal(seen?.state, state);
    if (reason) assert.match(seen?.state === 'mismatch' ? seen.reason : '', reason);
  });
}

test('judgeNodes: never enrolled -> missing', () => {
  assert.deepEqual(judgeNodes(lists(), [{ name: 'nas' }]).nodes, [{ name: 'nas', state: 'missing' }]);
});

test('judgeNodes: everything known -> no strangers', () => {
  assert.deepEqual(judgeNodes(lists(), [{ name: 'nas', deviceId: ID }]).strangers, []);
});

test('judgeNodes: a person in a browser -> no stranger', () => {
  const browser = { deviceId: OTHER, role: 'operator', roles: ['operator'] };
  assert.deepEqual(
    judgeNodes(lists({ devices: { paired: [device, browser], pending: [browser] } }), [{ name: 'nas', deviceId: ID }]).strangers,
    [],
  );
});

test('judgeNodes: unknown devices and nodes, asking or in -> named once each, the worse standing', () => {
  const intruder = { deviceId: OTHER, displayName: 'x', role: 'node', requestId: 'r1' };
  const { strangers } = judgeNodes(
    lists({
      devices: { paired: [device], pending: [intruder] },
      pairedNodes: { paired: [paired, { nodeId: 'c' }], pending: [{ nodeId: 'd', requestId: 'r2' }] },
      nodes: [node, { nodeId: 'e', displayName: 'e' }, { nodeId: 'd' }],
    }),
    [{ name: 'nas', deviceId: ID }],
  );
  assert.deepEqual(strangers, [
    { id: OTHER, standing: 'asking', displayName: 'x', requestId: 'r1' },
    { id: 'c', standing: 'paired' },
    { id: 'd', standing: 'paired' },
    { id: 'e', standing: 'paired', displayName: 'e' },
  ]);
});
