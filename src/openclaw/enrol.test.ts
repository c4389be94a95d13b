import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunResult } from '../hosts/host.ts';
import { NODE_COMMANDS } from './config/commands.ts';
import { applyExecPolicy, enrolNode, type EnrolInput, type Once } from './enrol.ts';
import { deviceIdOf } from './identity.ts';
import { fakeGateway, JOIN_URL, type FakeGateway } from './testing/fake-gateway.ts';

const KEY = 'bX6RAtrF8I3xReHv1FSqbvsXyqsaitcxVXsi3xxW6mY';
const ID = deviceIdOf(KEY);
const OTHER = 'b'.repeat(64);

type Node = { identity: boolean; connect: () => RunResult; readonly calls: string[]; readonly stdin: string[]; readonly argv: string[] };

function ended(code: number, stdout = '', stderr = ''): RunResult {
  return { code, signal: undefined, timedOut: false, stdout, stderr };
}

/** Knows its gateway as we expect it to. */
function enter(gateway: FakeGateway, id = ID, change: { readonly commands?: readonly string[]; readonly publicKey?: string } = {}): void {
  const commands = [...(change.commands ?? NODE_COMMANDS)];
  gateway.redeemedBy = id;
  gateway.lists = {
    devices: {
      paired: [...gateway.lists.devices.paired, { deviceId: id, publicKey: change.publicKey ?? KEY, role: 'node', roles: ['node'] }],
      pending: [],
    },
    pairedNodes: { paired: [...gateway.lists.pairedNodes.paired, { nodeId: id, commands }], pending: [] },
    nodes: [...gateway.lists.nodes, { nodeId: id, connected: true, approvalState: 'approved', commands }],
  };
}

function fakeNode(): Node & { readonly once: Once } {
  const node: Node = { identity: false, connect: () => ended(1, '', 'unscripted'), calls: [], stdin: [], argv: [] };
  return Object.assign(node, {
    once: (async (_service, command, options) => {
      node.argv.push(...command);
      if (options.stdin !== undefined) node.stdin.push(options.stdin);
      if (command.includes('approvals')) {
        node.calls.push('policy');
        return ended(0);
      }
      if (command.includes('identity'))
        return node.identity ? ended(0, JSON.stringify({ deviceId: ID, publicKey: KEY })) : ended(1, '', 'none');
      node.calls.push('connect');
      return node.connect();
    }) satisfies Once,
  });
}

function input(gateway: FakeGateway, node: ReturnType<typeof fakeNode>, more: Partial<EnrolInput> = {}): EnrolInput {
  return {
    once: node.once,
    rpc: gateway.rpc,
    service: 'node-nas',
    name: 'nas',
    rules: [{ path: '/usr/bin/uname', args: '^-n$' }],
    settleMs: 300,
    ...more,
  };
}

function pair(): { gateway: FakeGateway; node: ReturnType<typeof fakeNode> } {
  const gateway = fakeGateway();
  const node = fakeNode();
  node.connect = () => {
    node.identity = true;
    enter(gateway);
    return ended(0);
  };
  return { gateway, node };
}

test('enrolNode: a new node -> policy before it ever connects, then enrolled', async () => {
  const { gateway, node } = pair();
  assert.deepEqual(await enrolNode(input(gateway, node)), { deviceId: ID, changed: true });
  assert.deepEqual(node.calls, ['policy', 'connect']);
  assert.deepEqual(gateway.calls, ['mint']);
});

test('enrolNode: the join code -> by stdin alone, never in argv', async () => {
  const { gateway, node } = pair();
  await enrolNode(input(gateway, node));
  assert.ok(node.stdin.includes(JOIN_URL));
  assert.ok(!node.argv.some((word) => word.includes('/j/')));
});

test('enrolNode: already enrolled -> nothing changed, no code made', async () => {
  const { gateway, node } = pair();
  await enrolNode(input(gateway, node));
  assert.deepEqual(await enrolNode(input(gateway, node)), { deviceId: ID, changed: false });
  assert.deepEqual(gateway.calls, ['mint']);
});

test('enrolNode: an identity that the gateway does not know (interrupted before) -> enrolled', async () => {
  const { gateway, node } = pair();
  node.identity = true;
  assert.equal((await enrolNode(input(gateway, node))).changed, true);
});

test('enrolNode: known with a wider surface -> removed and enrolled anew', async () => {
  const { gateway, node } = pair();
  node.identity = true;
  enter(gateway, ID, { commands: [...NODE_COMMANDS, 'system.execApprovals.set'] });
  assert.equal((await enrolNode(input(gateway, node))).changed, true);
  assert.deepEqual(gateway.calls, [`remove ${ID.slice(0, 4)}`, 'mint']);
});

test('enrolNode: another device took the place of the recorded one -> the old one is removed', async () => {
  const { gateway, node } = pair();
  enter(gateway, OTHER);
  await enrolNode(input(gateway, node, { previousDeviceId: OTHER }));
  assert.deepEqual(gateway.calls, ['mint', 'remove bbbb']);
  assert.deepEqual(
    gateway.lists.devices.paired.map((one) => one.deviceId),
    [ID],
  );
});

test('enrolNode: another device uses the code -> it is removed, and a problem', async () => {
  const { gateway, node } = pair();
  node.connect = () => {
    enter(gateway, OTHER);
    return ended(1, '', 'code used');
  };
  await assert.rejects(enrolNode(input(gateway, node)), { code: 'openclaw/enrol-stranger' });
  assert.deepEqual(gateway.lists.devices.paired, []);
});

test('enrolNode: the gateway has another key for that device -> removed, and a problem', async () => {
  const { gateway, node } = pair();
  node.connect = () => {
    node.identity = true;
    enter(gateway, ID, { publicKey: 'x'.repeat(43) });
    return ended(0);
  };
  await assert.rejects(enrolNode(input(gateway, node)), { code: 'openclaw/enrol-mismatch' });
  assert.deepEqual(gateway.lists.devices.paired, []);
});

test('enrolNode: connect fails -> a problem with its last words and without the code', async () => {
  const { gateway, node } = pair();
  node.connect = () => ended(1, '', `cannot fetch ${JOIN_URL}\nGateway join code was not found`);
  await assert.rejects(enrolNode(input(gateway, node)), (error: unknown) => {
    const text = JSON.stringify(error);
    assert.match(text, /Gateway join code was not found/);
    assert.doesNotMatch(text, /AAAAAAAA/);
    return true;
  });
});

test('enrolNode: the policy is not taken -> nothing is enrolled', async () => {
  const { gateway, node } = pair();
  const once: Once = async () => ended(1, '', 'no');
  await assert.rejects(enrolNode(input(gateway, node, { once })), { code: 'openclaw/enrol' });
  assert.deepEqual(gateway.calls, []);
});

test('applyExecPolicy: rules -> the document by stdin', async () => {
  const node = fakeNode();
  await applyExecPolicy({ once: node.once, service: 'node-nas', name: 'nas', rules: [{ path: '/usr/bin/id' }] });
  assert.match(node.stdin[0] ?? '', /"pattern": "\/usr\/bin\/id"/);
});
