import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Rule } from '../policy/policy.ts';
import type { Deployment, GatewayEntry, NodeEntry } from '../topology/deployment.ts';
import { openingsOf, widenedBy } from './openings.ts';

const gateway: GatewayEntry = {
  name: 'main',
  host: 'mac',
  runtime: 'docker',
  containment: 'full',
  diskMiB: 20_480,
  port: 18789,
  bind: '127.0.0.1',
  credentials: 'route',
};
const node: NodeEntry = {
  name: 'nas',
  host: 'nas',
  runtime: 'docker',
  containment: 'full',
  diskMiB: 20_480,
  gateway: 'main',
  exec: [],
  volumes: [],
};
const rule = (host: string, more: Partial<Rule> = {}): Rule => ({ host, port: 443, source: 'lobsterpot.yaml', ...more });

function deployment(more: {
  readonly allow?: readonly Rule[];
  readonly deny?: readonly Rule[];
  readonly gateway?: Partial<GatewayEntry>;
  readonly node?: Partial<NodeEntry>;
  readonly mode?: 'enforce' | 'report';
  readonly ca?: string;
}): Deployment {
  return {
    name: 'home',
    openclaw: '2026.9.6',
    image: 'openclaw',
    hosts: [],
    gateways: [{ ...gateway, ...more.gateway }],
    nodes: [{ ...node, ...more.node }],
    egress: { version: 1, deployment: 'home', mode: more.mode ?? 'enforce', allow: more.allow ?? [], deny: more.deny ?? [] },
    ...(more.ca === undefined ? {} : { ca: more.ca }),
    warnings: [],
  };
}

const cases: readonly (readonly [string, Parameters<typeof deployment>[0], Parameters<typeof deployment>[0], readonly string[]])[] = [
  ['nothing new', { allow: [rule('a.test')] }, { allow: [rule('a.test')] }, []],
  ['less', { allow: [rule('a.test'), rule('b.test')] }, { allow: [rule('b.test')] }, []],
  ['another name', {}, { allow: [rule('a.test')] }, ['egress to a.test:443']],
  ['another port', { allow: [rule('a.test')] }, { allow: [rule('a.test', { port: 22 })] }, ['egress to a.test:22']],
  ['a name below an open domain', { allow: [rule('*.a.test')] }, { allow: [rule('x.y.a.test')] }, []],
  ['the domain itself is not below it', { allow: [rule('*.a.test')] }, { allow: [rule('a.test')] }, ['egress to a.test:443']],
  ['a domain in place of a name', { allow: [rule('x.a.test')] }, { allow: [rule('*.a.test')] }, ['egress to *.a.test:443']],
  ['for one client alone', { allow: [rule('a.test')] }, { allow: [rule('a.test', { client: 'node-nas' })] }, []],
  ['for all', { allow: [rule('a.test', { client: 'node-nas' })] }, { allow: [rule('a.test')] }, ['egress to a.test:443']],
  [
    'for another',
    { allow: [rule('a.test', { client: 'node-nas' })] },
    { allow: [rule('a.test', { client: 'x' })] },
    ['egress to a.test:443 for x'],
  ],
  ['it ends now', { allow: [rule('a.test')] }, { allow: [rule('a.test', { until: 5 })] }, []],
  ['it ends later', { allow: [rule('a.test', { until: 5 })] }, { allow: [rule('a.test', { until: 9 })] }, ['egress to a.test:443 until 9']],
  ['a refusal is gone', { deny: [rule('a.test')] }, {}, ['egress to a.test:443 is no longer refused by name']],
  ['report mode', {}, { mode: 'report' }, ['egress to everywhere: report mode refuses nothing that a policy may open']],
  ['the control ui', {}, { gateway: { bind: '192.168.1.5' } }, ['control ui of main on 192.168.1.5:18789']],
  [
    'a person',
    {},
    { gateway: { channels: { telegram: { botToken: { secret: 't' }, allowFrom: ['7'] } } } },
    ['telegram 7 may write to the agent of main'],
  ],
  [
    'another agent',
    {},
    {
      gateway: {
        channels: { a2a: { peers: [{ name: 'worker', host: 'w.test', port: 443, path: '/a2a/v1', token: { secret: 't' } }] } },
      },
    },
    ['the agent of main may send tasks to worker, https://w.test:443/a2a/v1'],
  ],
  ['a command', {}, { node: { exec: [{ path: '/bin/id', args: '^-u$' }] } }, ['node nas may run /bin/id with arguments like ^-u$']],
  [
    'any argument',
    { node: { exec: [{ path: '/bin/id', args: '' }] } },
    { node: { exec: [{ path: '/bin/id' }] } },
    ['node nas may run /bin/id with any arguments'],
  ],
  ['fewer arguments', { node: { exec: [{ path: '/bin/id' }] } }, { node: { exec: [{ path: '/bin/id', args: '' }] } }, []],
  ['a folder', {}, { node: { volumes: [{ path: '/v', readOnly: true }] } }, ['node nas may read /v']],
  [
    'to write there',
    { node: { volumes: [{ path: '/v', readOnly: true }] } },
    { node: { volumes: [{ path: '/v', readOnly: false }] } },
    ['node nas may write /v'],
  ],
  ['the keys leave the gate', {}, { gateway: { credentials: 'file' } }, ['gateway main gets its keys as files, which its agent can read']],
  ['the keys were files before', { gateway: { credentials: 'file' } }, { gateway: { credentials: 'file' } }, []],
  ['the keys go to the gate', { gateway: { credentials: 'file' } }, {}, []],
  ['a gateway with keys that was not there', { gateway: { name: 'first' } }, { gateway: { credentials: 'file' } }, []],
  ['no containment', {}, { node: { containment: 'none' } }, ['nas on nas is not contained']],
];

for (const [name, before, now, widened] of cases) {
  void test(`widenedBy: ${name}`, () => assert.deepEqual(widenedBy(openingsOf(deployment(before)), deployment(now)), widened));
}

void test('widenedBy: an authority of one’s own; and nothing is asked of what was never applied', () => {
  assert.equal(widenedBy(openingsOf(deployment({})), deployment({ ca: 'pem' })).length, 1);
  assert.deepEqual(widenedBy(undefined, deployment({ allow: [rule('a.test')] })), []);
  // What an earlier version left tells nothing of keys.
  assert.deepEqual(widenedBy({ open: [], refused: [] }, deployment({ gateway: { credentials: 'file' } })), []);
});
