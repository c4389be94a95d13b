import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { FileState } from '../hosts/host.ts';
import type { Applied } from './applied.ts';
import { driftOf } from './drift.ts';
import type { Observation, SiteObservation } from './observation.ts';

const me = { uid: 1000, gid: 1000 };
const CONFIG = 'services/gateway-main/config/openclaw.json';
const KEY = 'services/gateway-main/secrets/key';

const applied: Applied = {
  version: 1,
  at: '2026-11-22T00:00:00.000Z',
  command: 'lobsterpot up',
  openclaw: '2026.9.6',
  files: [
    { host: 'mac', path: 'services', service: 'gate', kind: 'folder', mode: 0o700, owner: me },
    { host: 'mac', path: CONFIG, service: 'gateway-main', kind: 'file', mode: 0o600, owner: me, sha256: 'a' },
    { host: 'mac', path: KEY, service: 'gateway-main', kind: 'secret', mode: 0o400, owner: me, sha256: 'k' },
  ],
  services: [
    { host: 'mac', name: 'gateway-main', spec: 's' },
    { host: 'nas', name: 'node-nas', spec: 'n' },
    { host: 'nas', name: 'link-nas', spec: 'l' },
  ],
  exec: { nas: [] },
};

const file = (sha256: string, mode: number, more: object = {}): FileState => ({
  kind: 'file',
  mode,
  owner: me,
  sha256,
  mtimeMs: 1,
  ...more,
});
const mac: SiteObservation = {
  base: true,
  files: new Map<string, FileState>([
    ['services', { kind: 'directory', mode: 0o700, owner: me }],
    [CONFIG, file('a', 0o600)],
    [KEY, file('k', 0o400)],
  ]),
  services: [{ name: 'gateway-main', state: 'healthy', spec: 's' }],
};
const nas: SiteObservation = {
  base: true,
  files: new Map(),
  services: [
    { name: 'node-nas', state: 'healthy', spec: 'n' },
    { name: 'link-nas', state: 'healthy', spec: 'l' },
  ],
};
const fine: Observation = {
  sites: new Map([
    ['mac', mac],
    ['nas', nas],
  ]),
  secrets: new Map(),
  nodes: new Map([['nas', { state: 'enrolled', deviceId: 'd', execPolicy: 'current' }]]),
  strangers: [],
  links: new Map([['nas', { state: 'authorised' }]]),
  left: { nodes: [], devices: new Set(), accounts: [] },
};

const onMac = (more: Partial<SiteObservation>): Observation => ({ ...fine, sites: new Map([...fine.sites, ['mac', { ...mac, ...more }]]) });
const withFile = (path: string, state: FileState): Observation => onMac({ files: new Map([...mac.files, [path, state]]) });
const withGateway = (more: object): Observation => onMac({ services: [{ name: 'gateway-main', state: 'healthy', spec: 's', ...more }] });

const cases: readonly (readonly [string, Observation, readonly string[]])[] = [
  ['nothing', fine, []],
  ['a file', withFile(CONFIG, file('b', 0o600)), [`${CONFIG}: content differs`]],
  ['its mode', withFile(CONFIG, file('a', 0o644)), [`${CONFIG}: mode differs`]],
  ['its owner', withFile(CONFIG, file('a', 0o600, { owner: { uid: 0, gid: 0 } })), [`${CONFIG}: owner differs`]],
  ['a secret', withFile(KEY, file('other', 0o400)), [`${KEY}: content differs`]],
  ['a secret that others can read', withFile(KEY, file('k', 0o444)), [`${KEY}: mode differs`]],
  ['a link in its place', withFile(CONFIG, { kind: 'other' }), [`${CONFIG}: something else is in its place`]],
  ['a folder is gone', withFile('services', { kind: 'absent' }), ['services: missing']],
  ['a stray secret', withFile('services/gate/secrets/x', file('x', 0o400)), ['services/gate/secrets/x: nothing asked for it']],
  ['the image', onMac({ base: false }), ['base: what the services are run from (the image, or the installed OpenClaw) is gone']],
  [
    'a container’s network',
    withGateway({ drift: 'somebody put it into the network x' }),
    ['gateway-main: somebody put it into the network x'],
  ],
  ['its specification', withGateway({ spec: 'other' }), ['gateway-main: it was not started from its specification']],
  ['it was stopped', withGateway({ state: 'stopped' }), ['gateway-main: it does not run']],
  ['another service', onMac({ services: [...mac.services, { name: 'x', state: 'healthy' }] }), ['x: it runs and nothing asked for it']],
  [
    'a node’s commands',
    { ...fine, nodes: new Map([['nas', { state: 'not-enrolled', reason: 'its commands are x and not y' }]]) },
    ['node nas: its commands are x and not y'],
  ],
  [
    'its exec policy',
    { ...fine, nodes: new Map([['nas', { state: 'enrolled', deviceId: 'd', execPolicy: 'differs' }]]) },
    ['node nas: its exec policy is not the one that it was given'],
  ],
  [
    'a device',
    { ...fine, strangers: [{ host: 'mac', gateway: 'main', device: 'abcdef0123456789' }] },
    ['device abcdef012345: somebody paired it with gateway main'],
  ],
  [
    'the key of a tunnel',
    { ...fine, links: new Map([['nas', { state: 'not-authorised', reason: 'the keys of t there say otherwise' }]]) },
    ['link nas: the keys of t there say otherwise'],
  ],
  [
    'a node that the file names since is none',
    { ...fine, nodes: new Map([...fine.nodes, ['new', { state: 'not-enrolled', reason: 'never' }]]) },
    [],
  ],
];

for (const [name, seen, told] of cases) {
  void test(`driftOf: ${name} -> ${told.join(', ') || 'nothing'}`, () => {
    const { drifted, unchecked } = driftOf(applied, seen, new Map());
    assert.deepEqual(
      drifted.map(({ subject, what }) => `${subject}: ${what}`),
      told,
    );
    assert.deepEqual(unchecked, []);
    if (name === 'a device') assert.equal(drifted[0]?.mend, 'asks');
  });
}

void test('driftOf: settings that could not be compared are unchecked', () => {
  const { drifted, unchecked } = driftOf(applied, withGateway({ unchecked: 'its settings could not be read' }), new Map());
  assert.deepEqual([drifted, unchecked], [[], [{ host: 'mac', subject: 'gateway-main', why: 'its settings could not be read' }]]);
});

void test('driftOf: what could not be looked at is unchecked, neither changed nor unchanged', () => {
  const seen: Observation = {
    ...fine,
    sites: new Map([['mac', mac]]),
    nodes: new Map([['nas', { state: 'enrolled', deviceId: 'd', execPolicy: 'unchecked' }]]),
    links: new Map([['nas', { state: 'unchecked', reason: 'host mac does not answer' }]]),
  };
  const { drifted, unchecked } = driftOf(applied, seen, new Map([['nas', 'host nas does not answer']]));
  assert.deepEqual(drifted, []);
  assert.deepEqual(
    unchecked.map(({ host, subject, why }) => `${host} ${subject}: ${why}`),
    [
      'nas host: host nas does not answer',
      'nas node nas: its exec policy could not be read: it is not connected',
      'nas link nas: host mac does not answer',
    ],
  );
});
