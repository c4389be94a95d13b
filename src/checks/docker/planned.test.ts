import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render } from '../../runtimes/docker/render.ts';
import { PLACE, SERVICES, TARGET } from '../../runtimes/docker/testing/services.ts';
import { plannedContainers, plannedNetworks, surroundingsOf } from './planned.ts';

const planned = plannedContainers(render(SERVICES, PLACE, TARGET));

test('plannedNetworks: what is rendered -> each network with its members, bridge and kind', () => {
  assert.deepEqual([...planned.keys()].toSorted(), ['gate', 'gateway-main', 'ingress-main', 'node-nas']);
  const found = new Map(plannedNetworks(planned).map((one) => [one.key, one]));
  assert.deepEqual(
    [...found.keys()],
    ['gate.outside', 'gateway-main.gate', 'ingress-main.gateway-main', 'ingress-main.outside', 'node-nas.gate', 'node-nas.gateway-main'],
  );
  const pair = found.get('gateway-main.gate');
  assert.deepEqual(pair, {
    key: 'gateway-main.gate',
    internal: true,
    subnet: '10.87.18.160/29',
    bridge: '10.87.18.161',
    members: [
      { service: 'gate', address: '10.87.18.162', beside: '10.87.18.164' },
      { service: 'gateway-main', address: '10.87.18.163', beside: '10.87.18.165' },
    ],
  });
  assert.equal(found.get('gate.outside')?.internal, false);
});

test('surroundingsOf: a node -> its gate and its gateway are peers; bridges and everybody else are not', () => {
  const { peers, strangers, bridges, ports } = surroundingsOf('node-nas', planned);
  assert.deepEqual(peers.toSorted(), ['10.87.16.100', '10.87.16.101', '10.87.16.98', '10.87.20.26', '10.87.20.28', '10.87.20.29']);
  assert.equal(bridges.length, 6);
  assert.ok(strangers.includes('10.87.18.163') && !strangers.some((one) => peers.includes(one)));
  assert.deepEqual(ports, [18_000, 18_001, 18_002]);
});

test('surroundingsOf: an ingress -> the bridge of its own way out is a peer', () => {
  const { peers, bridges } = surroundingsOf('ingress-main', planned);
  assert.ok(peers.includes('10.87.16.41') && !bridges.includes('10.87.16.41'));
});
