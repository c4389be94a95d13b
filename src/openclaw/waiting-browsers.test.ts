import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device } from './rpc-answers.ts';
import { fakeGateway, type FakeGateway } from './testing/fake-gateway.ts';
import { browsersIn, letIn, turnAway } from './waiting-browsers.ts';

const browser: Device = { deviceId: 'a'.repeat(64), requestId: 'r1', role: 'operator', roles: ['operator'], platform: 'Linux x86_64' };
const node: Device = { deviceId: 'b'.repeat(64), requestId: 'r2', role: 'node', roles: ['node'] };

for (const { name, pending, found } of [
  { name: 'nobody', pending: [], found: [] },
  { name: 'a browser and a node', pending: [browser, node], found: ['r1'] },
  { name: 'an operator that would be a node too', pending: [{ ...browser, roles: ['node', 'operator'] }], found: [] },
  { name: 'a node that says operator once', pending: [{ ...node, roles: ['operator'] }], found: [] },
  { name: 'no role', pending: [{ deviceId: browser.deviceId, requestId: 'r1' }], found: [] },
  { name: 'no request', pending: [{ deviceId: browser.deviceId, role: 'operator' }], found: [] },
] satisfies readonly { name: string; pending: readonly Device[]; found: readonly string[] }[]) {
  test(`browsersIn: ${name} -> ${found.length}`, () => {
    assert.deepEqual(
      browsersIn(pending).map((one) => one.requestId),
      found,
    );
  });
}

function gatewayWith(pending: readonly Device[]): FakeGateway {
  const gateway = fakeGateway();
  gateway.lists = { ...gateway.lists, devices: { paired: [], pending: [...pending] } };
  return gateway;
}

test('letIn: the id that a page shows -> that browser is approved, and no other', async () => {
  const gateway = gatewayWith([node, { ...browser, requestId: 'r0' }, browser]);
  assert.deepEqual(await letIn(gateway.rpc, 'r1'), { requestId: 'r1', deviceId: browser.deviceId, platform: 'Linux x86_64' });
  assert.deepEqual(gateway.calls, ['approve r1']);
});

for (const { name, pending, id } of [
  { name: 'an id of a node', pending: [node], id: 'r2' },
  { name: 'another id', pending: [browser], id: 'r9' },
  { name: 'nobody waits', pending: [], id: 'r1' },
]) {
  test(`letIn: ${name} -> a problem, nothing is approved`, async () => {
    const gateway = gatewayWith(pending);
    await assert.rejects(letIn(gateway.rpc, id), { code: 'openclaw/no-waiting-browser' });
    assert.deepEqual(gateway.calls, []);
  });
}

test('turnAway: browsers and a node wait -> the browsers are rejected, the node is not touched', async () => {
  const gateway = gatewayWith([browser, node, { ...browser, requestId: 'r3' }]);
  assert.equal(await turnAway(gateway.rpc), 2);
  assert.deepEqual(gateway.calls, ['reject r1', 'reject r3']);
});
