import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sha256 } from '../core/digest.ts';
import type { FileState } from '../hosts/host.ts';
import type { Artifact } from '../runtimes/runtime.ts';
import type { Service } from '../services/service.ts';
import { describeChange, publicChange } from './change.ts';
import { diff, type Desired } from './diff.ts';
import type { Observation, SiteObservation } from './observation.ts';

const me = { uid: 1000, gid: 1000 };
const other = { uid: 2000, gid: 2000 };

const service = (name: string, role: Service['role']): Service => ({
  name,
  role,
  key: name,
  host: 'here',
  hostname: name,
  command: ['{node}'],
  env: {},
  files: [],
  secrets: [],
  network: 'none',
  listeners: [],
  forwards: [],
  published: [],
  limits: { memoryMiB: 1, processes: 1, openFiles: 1, fileMiB: 1, tmpMiB: 1 },
  health: { kind: 'running', timeoutMs: 1 },
  after: [],
  stopGraceMs: 1,
});

const file = (path: string, of: string, content: string, onChange: 'hot' | 'restart'): Artifact => ({
  kind: 'file',
  host: 'here',
  path,
  content,
  mode: 0o600,
  owner: me,
  service: of,
  onChange,
});

const SPEC = 'services/gateway-main/spec.json';
const CONFIG = 'services/gateway-main/config/openclaw.json';
const KEY = 'services/gateway-main/secrets/key';
const STATE = 'services/gateway-main/state';

const desired: Desired = {
  bases: [{ host: 'here', kind: 'install-runtime', name: '2026.9.6' }],
  services: [service('gate', 'gate'), service('gateway-main', 'gateway'), service('node-nas', 'node')],
  artifacts: [
    { kind: 'folder', host: 'here', path: 'services', mode: 0o700, owner: me, service: 'gate' },
    { kind: 'folder', host: 'here', path: STATE, mode: 0o700, owner: me, service: 'gateway-main' },
    file(SPEC, 'gateway-main', 'spec', 'restart'),
    file(CONFIG, 'gateway-main', 'config', 'hot'),
  ],
  placedSecrets: [{ secret: 'key', host: 'here', service: 'gateway-main', path: KEY, owner: me }],
  generatedSecrets: [{ host: 'here', secret: 'key', form: 'token' }],
  nodes: [{ name: 'nas', gateway: 'gateway-main', host: 'here', service: 'node-nas' }],
  links: [],
};

const plain = (content: string, more: Partial<Extract<FileState, { kind: 'file' }>> = {}): FileState => ({
  kind: 'file',
  mode: 0o600,
  owner: me,
  sha256: sha256(content),
  mtimeMs: 5,
  ...more,
});

const here: SiteObservation = {
  base: true,
  files: new Map<string, FileState>([
    ['services', { kind: 'directory', mode: 0o700, owner: me }],
    [STATE, { kind: 'directory', mode: 0o700, owner: me }],
    [SPEC, plain('spec')],
    [CONFIG, plain('config')],
    [KEY, plain('value', { mode: 0o400 })],
  ]),
  services: [
    { name: 'gate', state: 'healthy' },
    { name: 'gateway-main', state: 'healthy', spec: sha256('spec'), sinceMs: 10 },
    { name: 'node-nas', state: 'healthy' },
  ],
};

const fine: Observation = {
  sites: new Map([['here', here]]),
  secrets: new Map([['key', sha256('value')]]),
  nodes: new Map([['nas', { state: 'enrolled', deviceId: 'd', execPolicy: 'current' }]]),
  links: new Map(),
  strangers: [],
  left: { nodes: [], devices: new Set(), accounts: [] },
};

const withSite = (more: Partial<SiteObservation>): Observation => ({ ...fine, sites: new Map([['here', { ...here, ...more }]]) });
const withFile = (path: string, state: FileState): Observation => withSite({ files: new Map([...here.files, [path, state]]) });
const withGateway = (more: object): Observation =>
  withSite({ services: here.services.map((one) => (one.name === 'gateway-main' ? { ...one, ...more } : one)) });

const stranger = { host: 'here', gateway: 'main', device: 'x' };

const cases: readonly (readonly [string, Observation, readonly string[]])[] = [
  ['all is as it should be', fine, []],
  ['no runtime', withSite({ base: false }), ['install-runtime']],
  ['a hot file differs', withFile(CONFIG, plain('edited')), ['write-file']],
  ['a hot file has another mode', withFile(CONFIG, plain('config', { mode: 0o644 })), ['write-file']],
  ['a hot file has another owner', withFile(CONFIG, plain('config', { owner: other })), ['write-file']],
  ['a link is in its place', withFile(CONFIG, { kind: 'other' }), ['write-file']],
  ['the specification differs', withFile(SPEC, plain('old')), ['write-file', 'start-service']],
  ['a folder is missing', withFile('services', { kind: 'absent' }), ['make-folder']],
  ["a running service's state is gone", withFile(STATE, { kind: 'absent' }), ['make-folder', 'start-service']],
  ["a running service's state has another mode", withFile(STATE, { kind: 'directory', mode: 0o755, owner: me }), ['make-folder']],
  ['a secret is readable by others', withFile(KEY, plain('value', { mode: 0o644 })), ['place-secret', 'start-service']],
  ['a secret was changed', { ...fine, secrets: new Map([['key', sha256('new')]]) }, ['place-secret', 'start-service']],
  ['a generated secret is gone', { ...fine, secrets: new Map() }, ['generate-secret', 'place-secret', 'start-service']],
  [
    'a secret nobody asked for lies there',
    withFile('services/gateway-main/secrets/stray', plain('x')),
    ['withdraw-secret', 'start-service'],
  ],
  ['a secret was placed after the start', withFile(KEY, plain('value', { mode: 0o400, mtimeMs: 20 })), ['start-service']],
  ['a service is stopped', withGateway({ state: 'stopped' }), ['start-service']],
  ['a service is unhealthy', withGateway({ state: 'unhealthy' }), ['start-service']],
  ['a service runs from an older specification', withGateway({ spec: 'old' }), ['start-service']],
  ['a service is not in the file', withFile('services/node-old/spec.json', plain('old')), ['stop-service']],
  ['a node is unknown', { ...fine, nodes: new Map() }, ['enrol-node']],
  ['a service was put into another network', withGateway({ drift: 'somebody put it into the network x' }), ['start-service']],
  ['a node is not in the file any more', { ...fine, left: { ...fine.left, nodes: ['old'] } }, ['forget-node']],
  ['a device was paired by hand', { ...fine, strangers: [stranger] }, ['forget-device']],
  [
    'it is that of a node which is forgotten anyway',
    { ...fine, strangers: [stranger], left: { ...fine.left, devices: new Set(['x']) } },
    [],
  ],
  ['it may be a node whose enrolling was cut off', { ...fine, strangers: [stranger], nodes: new Map() }, ['enrol-node']],
  [
    'an account holds keys for no node any more',
    { ...fine, left: { ...fine.left, accounts: [{ host: 'here', user: 'me' }] } },
    ['withdraw-link'],
  ],
  [
    'a host is not in the file any more',
    { ...fine, sites: new Map([...fine.sites, ['attic', { base: true, files: new Map([[KEY, plain('value')]]), services: [] }]]) },
    ['withdraw-secret', 'leave-host'],
  ],
  [
    'an exec policy differs',
    { ...fine, nodes: new Map([['nas', { state: 'enrolled', deviceId: 'd', execPolicy: 'differs' }]]) },
    ['set-exec-policy'],
  ],
  ['a node could not be looked at', { ...fine, nodes: new Map([['nas', { state: 'unchecked', reason: 'gateway is down' }]]) }, []],
];

for (const [name, seen, kinds] of cases) {
  void test(`diff: ${name} -> ${kinds.join(', ') || 'nothing'}`, () => {
    const changes = diff(desired, seen);
    assert.deepEqual(
      changes.map((change) => change.kind),
      kinds,
    );
    assert.equal(JSON.stringify(diff(desired, seen)), JSON.stringify(changes), 'pure');
    for (const change of changes) assert.doesNotMatch(describeChange(change) + JSON.stringify(publicChange(change)), /"content":/);
  });
}

void test('diff: the file asks for another image -> the restart says from which to which', () => {
  const bases = [{ host: 'here', kind: 'pull-image', name: 'openclaw:2026.9.7', before: 'openclaw:2026.9.6' }] as const;
  const [, restart] = diff({ ...desired, bases }, withFile(SPEC, plain('old')));
  assert.equal(restart && describeChange(restart), '! gateway-main   restart (from openclaw:2026.9.6 to openclaw:2026.9.7)');
});

void test('diff: nothing is there -> install, secrets, folders, files, then services with the enrolment before the node', () => {
  const empty: Observation = { sites: new Map(), secrets: new Map(), nodes: new Map(), links: new Map(), strangers: [], left: fine.left };
  assert.deepEqual(
    diff(desired, empty).map((change) => change.kind),
    [
      'install-runtime',
      'generate-secret',
      'make-folder',
      'make-folder',
      'place-secret',
      'write-file',
      'write-file',
      'start-service',
      'start-service',
      'enrol-node',
      'start-service',
    ],
  );
});
