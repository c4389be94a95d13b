import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CATALOGUE } from '../../src/checks/catalogue/catalogue.ts';
import { ALL_DOCKER_SABOTAGES } from '../docker-sabotage/all-sabotages.ts';
import { GATE_SABOTAGES } from './gate-sabotages.ts';
import { GATEWAY_SABOTAGES } from './gateway-sabotages.ts';
import { HOST_SABOTAGES } from './host-sabotages.ts';
import { failingOn, FILE_SABOTAGES, PREFLIGHT_SABOTAGES } from './preflight-sabotages.ts';
import { ROTATION_SABOTAGES, WELL_ROTATED } from './rotation-sabotages.ts';
import { SERVICE_SABOTAGES } from './service-sabotages.ts';
import { WHOLE_SABOTAGES } from './whole-sabotages.ts';

const ALL: readonly { readonly name: string; readonly finds: readonly string[] }[] = [
  ...SERVICE_SABOTAGES,
  ...HOST_SABOTAGES,
  ...GATE_SABOTAGES,
  ...WHOLE_SABOTAGES,
  ...GATEWAY_SABOTAGES,
  ...ALL_DOCKER_SABOTAGES,
  ...[...PREFLIGHT_SABOTAGES, ...FILE_SABOTAGES, ...ROTATION_SABOTAGES].map(({ name, finds }) => ({ name, finds: [finds] })),
];

describe('the catalogue', () => {
  for (const { id, sabotage } of CATALOGUE) {
    test(`${id} -> shown to fail by: ${sabotage}`, () => {
      const named = ALL.find(({ name }) => name === sabotage);
      assert.ok(named, `no sabotage has the name "${sabotage}"`);
      assert.ok(named.finds.includes(id), `"${sabotage}" does not assert that ${id} fails`);
    });
  }

  // What the gate decides, and what the gateways tell, is the same program in a container.
  const sameProgram = new Set([...GATE_SABOTAGES, ...GATEWAY_SABOTAGES].flatMap(({ finds }) => finds));
  const shown = new Set(ALL_DOCKER_SABOTAGES.flatMap(({ finds }) => finds));
  for (const { id, from, runtimes } of CATALOGUE) {
    const applies = (runtimes?.includes('docker') ?? true) && (from === 'inside' || from === 'host');
    if (!applies || sameProgram.has(id) || id === 'openclaw.version') continue;
    test(`${id} -> shown to fail in a container too`, () => assert.ok(shown.has(id), `no sabotage of containers finds ${id}`));
  }

  test('ids -> unique, of a family, and each has a sentence', () => {
    assert.equal(new Set(CATALOGUE.map(({ id }) => id)).size, CATALOGUE.length);
    for (const { id, title, tries } of CATALOGUE) {
      assert.match(id, /^(?:egress|host|docker|secrets|exposure|link|exec|openclaw|recovery|rotate|preflight)\.[a-z0-9-]+$/);
      assert.ok(title.length > 10 && tries.length > 10 && !title.endsWith('.'), id);
    }
  });

  test('sabotages -> each name once, and each expects only ids that exist', () => {
    assert.equal(new Set(ALL.map(({ name }) => name)).size, ALL.length);
    const ids = new Set(CATALOGUE.map(({ id }) => id));
    for (const { name, finds } of ALL) for (const id of finds) assert.ok(ids.has(id), `${name}: ${id}`);
  });

  test('a gateway and a node -> at least 25 probes each', () => {
    assert.ok(CATALOGUE.filter(({ from }) => from === 'inside').length >= 45);
  });
});

describe('before anything is deployed', () => {
  test('a good host -> no alarm', () => assert.deepEqual(failingOn({}), []));
  for (const sabotage of PREFLIGHT_SABOTAGES) {
    test(`sabotage: ${sabotage.name} -> ${sabotage.finds} alone`, () => {
      const failing = failingOn(sabotage);
      // Where containment cannot be had at all, its own two checks are not made.
      assert.deepEqual(failing, [sabotage.finds]);
    });
  }
  for (const { name, finds, isFound } of FILE_SABOTAGES) test(`sabotage: ${name} -> ${finds}`, () => assert.ok(isFound()));
});

describe('when a credential was replaced', () => {
  test('all is well -> no alarm, and each finding is of the catalogue', () => {
    const known = new Map(CATALOGUE.map(({ id, severity }) => [id, severity]));
    for (const { checkId, severity, status } of WELL_ROTATED) assert.deepEqual([severity, status], [known.get(checkId), 'pass'], checkId);
    const ids = CATALOGUE.filter(({ from }) => from === 'rotation').map(({ id }) => id);
    assert.deepEqual(WELL_ROTATED.map((one) => one.checkId).toSorted(), ids.toSorted());
  });
  for (const { name, finds, judged } of ROTATION_SABOTAGES) {
    test(`sabotage: ${name} -> ${finds}, with the next step`, () => {
      const { checkId, status, fix } = judged();
      assert.deepEqual([checkId, status, fix], [finds, 'fail', 'lobsterpot rotate']);
    });
  }
});
