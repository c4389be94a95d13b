import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { nodePackage } from '../../bin/fitting-node.mjs';
import { isCurrent } from './install.mjs';

const ours = `node_modules/${nodePackage()}`;
const a = { version: '1.0.0', integrity: 'sha512-a' };
const wanted = { packages: { '': {}, 'node_modules/a': a, 'node_modules/b': { ...a, optional: true }, [ours]: { ...a, optional: true } } };

suite('isCurrent', () => {
  const table = [
    ['nothing installed', undefined, false],
    ['everything installed', { 'node_modules/a': a, 'node_modules/b': a, [ours]: a }, true],
    ['an optional package of another platform is absent', { 'node_modules/a': a, [ours]: a }, true],
    ['the Node of this platform is absent', { 'node_modules/a': a, 'node_modules/b': a }, false],
    ['a package is absent', { [ours]: a }, false],
    ['another version', { 'node_modules/a': { ...a, version: '1.0.1' }, [ours]: a }, false],
    ['the same version with another content', { 'node_modules/a': { ...a, integrity: 'sha512-x' }, [ours]: a }, false],
  ];
  for (const [name, packages, expected] of table) {
    test(`${name} -> ${expected}`, () => assert.equal(isCurrent(wanted, packages && { packages }), expected));
  }
});
