import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeAuthority } from '../e2e/lab/certificate.ts';
import { hostsOf } from '../lab/machines.ts';
import { parseDeployment } from '../src/topology/parse-deployment.ts';
import { deploymentOn } from './deployment.ts';

const ca = Buffer.from(makeAuthority('lobsterpot test authority', Date.now()).certificate);

for (const [size, nodes, tunnels] of [
  [1, ['mac'], 0],
  [2, ['nas'], 1],
  [4, ['nas', 'nas-2', 'nas-3'], 3],
] as const) {
  test(`deploymentOn: ${size} hosts -> ${nodes.length} nodes, ${tunnels} tunnels to the first`, () => {
    const text = deploymentOn(hostsOf(4).slice(0, size), 'bench');
    const deployment = parseDeployment(text, { file: 'lobsterpot.yaml', readFile: () => ca });
    assert.deepEqual(
      deployment.nodes.map((one) => one.host),
      nodes,
    );
    assert.equal(deployment.nodes.filter((one) => one.link !== undefined).length, tunnels);
    assert.deepEqual(deployment.warnings, []);
  });
}

test('deploymentOn: no host -> refused', () => assert.throws(() => deploymentOn([], 'bench'), TypeError));
