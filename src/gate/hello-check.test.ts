import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Target } from '../policy/policy.ts';
import { checkHello } from './hello-check.ts';

const NAME: Target = { host: 'api.test', port: 443, kind: 'name' };
const ADDRESS: Target = { host: '198.51.100.1', port: 443, kind: 'address' };

const CASES: readonly (readonly [target: Target, sni: string | undefined, encrypted: boolean, expected: string])[] = [
  [NAME, 'api.test', false, 'fits'],
  [NAME, 'API.test', false, 'fits'],
  [NAME, 'evil.test', false, 'sni-mismatch'],
  [NAME, 'x.api.test', false, 'sni-mismatch'],
  [NAME, 'not a name', false, 'sni-mismatch'],
  [NAME, undefined, false, 'sni-missing'],
  [NAME, 'api.test', true, 'sni-hidden'],
  [ADDRESS, undefined, false, 'fits'],
  [ADDRESS, 'api.test', false, 'sni-mismatch'],
  [ADDRESS, undefined, true, 'sni-hidden'],
];

for (const [target, sni, encrypted, expected] of CASES) {
  test(`checkHello: ${target.host}, ${sni ?? 'no name'}${encrypted ? ', encrypted' : ''} -> ${expected}`, () => {
    assert.equal(checkHello(target, { encrypted, ...(sni === undefined ? {} : { sni }) }).refused?.reason ?? 'fits', expected);
  });
}
