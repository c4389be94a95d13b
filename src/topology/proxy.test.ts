import assert from 'node:assert/strict';
import { test } from 'node:test';
import { looseView } from './loose-view.ts';
import { checkProxy } from './proxy.ts';

const file = (gateway: object, egress: object = { proxy: 'squid' }): object => ({
  hosts: { mac: { connect: 'local' } },
  gateways: { main: { host: 'mac', ...gateway } },
  egress,
});

const CASES: readonly (readonly [situation: string, file: object, expected: readonly string[]])[] = [
  ['the gate', file({}, { proxy: 'gate' }), []],
  ['no word of it', file({}, {}), []],
  ['in containers', file({ runtime: 'docker' }), []],
  ['local processes by default', file({}), ['egress.proxy']],
  ['local processes', file({ runtime: 'process' }), ['egress.proxy']],
  ['a route', file({ runtime: 'docker', credentials: 'route' }), ['gateways.main.credentials']],
  ['credentials in files', file({ runtime: 'docker', credentials: 'file' }), []],
];
for (const [situation, given, expected] of CASES) {
  test(`checkProxy: ${situation} -> ${expected.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(
      checkProxy(given, looseView(given)).map(({ path }) => path.join('.')),
      expected,
    );
  });
}
