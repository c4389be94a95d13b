import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sha256 } from '../../core/digest.ts';
import type { ServiceState } from '../runtime.ts';
import { withSettings } from './containers.ts';
import { knownSpecs } from './known-specs.ts';
import { render } from './render.ts';
import { PLACE, SERVICES, TARGET } from './testing/services.ts';

const STATE: ServiceState = { name: 'gate', state: 'healthy' };
const SPEC = render(SERVICES, PLACE, TARGET).find((one) => one.path === 'services/gate/spec.json');

test('knownSpecs: what was rendered -> found by the digest that its container carries; what is damaged is not', () => {
  const specs = knownSpecs();
  specs.learnFrom(SPEC ? [SPEC] : []);
  specs.learn('gate', '{');
  assert.ok(SPEC?.kind === 'file');
  assert.deepEqual([specs.of(sha256(SPEC.content))?.service, specs.of(sha256('{')), specs.of(undefined)], ['gate', undefined, undefined]);
});

test('withSettings: what a container was made from is not known, or it is not told -> unchecked, never as it should be', () => {
  assert.deepEqual(withSettings(STATE, {}, undefined), { ...STATE, unchecked: 'the specification that it was made from is not known' });
  const specs = knownSpecs();
  assert.ok(SPEC?.kind === 'file');
  specs.learn('gate', SPEC.content);
  const found = withSettings(STATE, { Config: {} }, specs.of(sha256(SPEC.content)));
  assert.deepEqual(found, { ...STATE, unchecked: 'docker does not tell how it is set up' });
});

test('withSettings: something else was found already -> that is told', () => {
  const drifted = { ...STATE, drift: 'its restart policy is no and not always' };
  assert.deepEqual(withSettings(drifted, {}, undefined), drifted);
});
