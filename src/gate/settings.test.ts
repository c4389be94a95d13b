import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_LIMITS, DEFAULT_TRAIL, parseSettings } from './settings.ts';

const GOOD = {
  version: 1,
  listeners: [
    { fd: 4, kind: 'control' },
    { fd: 5, kind: 'egress', client: 'gateway-main' },
  ],
  policyFile: '/p',
  overridesFile: '/o',
  trail: { folder: '/t' },
};

test('parseSettings: the shortest good file -> every default', () => {
  assert.deepEqual(parseSettings(JSON.stringify(GOOD)), {
    ...GOOD,
    trail: { folder: '/t', ...DEFAULT_TRAIL },
    audit: 'best-effort',
    routes: [],
    limits: DEFAULT_LIMITS,
  });
});

test('parseSettings: listeners at sockets and addresses -> as they are', () => {
  const listeners = [
    { path: 'control.sock', kind: 'control' },
    { host: '10.66.1.1', port: 3128, kind: 'egress', client: 'agent-a' },
    { host: 'fd00::1', port: 3128, kind: 'egress', client: 'agent-b' },
    { path: '/run/gate/c.sock', kind: 'egress', client: 'agent-c' },
  ];
  const settings = parseSettings(JSON.stringify({ ...GOOD, listeners }));
  assert.deepEqual('invalid' in settings ? settings : settings.listeners, listeners);
});

test('parseSettings: limits -> only those named change', () => {
  const settings = parseSettings(JSON.stringify({ ...GOOD, limits: { idleMs: 5 }, audit: 'required' }));
  assert.ok(!('invalid' in settings));
  assert.deepEqual([settings.limits, settings.audit], [{ ...DEFAULT_LIMITS, idleMs: 5 }, 'required']);
});

const ROUTE = { client: 'a', provider: 'anthropic', secretFile: '/secrets/k' };

test('parseSettings: a route -> the provider as it is known here', () => {
  const settings = parseSettings(JSON.stringify({ ...GOOD, routes: [ROUTE, { ...ROUTE, client: 'b' }] }));
  assert.ok(!('invalid' in settings));
  assert.deepEqual(
    settings.routes.map(({ client, provider, secretFile }) => [client, provider.host, secretFile]),
    [
      ['a', 'api.anthropic.com', '/secrets/k'],
      ['b', 'api.anthropic.com', '/secrets/k'],
    ],
  );
});

const PEER = { name: 'worker', host: 'worker.example.org', port: 8443, path: '/a2a/v1' };
const A2A = { client: 'a', provider: 'a2a', peer: PEER, secretFile: '/secrets/w' };

test('parseSettings: routes to two peers -> each by its own name, where the file says', () => {
  const settings = parseSettings(JSON.stringify({ ...GOOD, routes: [A2A, { ...A2A, peer: { ...PEER, name: 'other' } }] }));
  assert.ok(!('invalid' in settings));
  assert.deepEqual(
    settings.routes.map(({ provider }) => [provider.name, provider.host, provider.port]),
    [
      ['a2a-worker', 'worker.example.org', 8443],
      ['a2a-other', 'worker.example.org', 8443],
    ],
  );
});

test('parseSettings: a trail of some days -> its age in milliseconds', () => {
  const settings = parseSettings(JSON.stringify({ ...GOOD, trail: { folder: '/t', days: 2 } }));
  assert.deepEqual('invalid' in settings ? undefined : settings.trail, { folder: '/t', ...DEFAULT_TRAIL, ageMs: 172_800_000 });
});

const BROKEN: readonly (readonly [string, object, RegExp])[] = [
  ['an unknown key', { ...GOOD, limit: 1 }, /unknown key "limit"/],
  ['an unknown limit', { ...GOOD, limits: { idle: 1 } }, /unknown key "limits\.idle"/],
  ['a limit of zero', { ...GOOD, limits: { idleMs: 0 } }, /limits\.idleMs/],
  ['a limit beyond the timer', { ...GOOD, limits: { idleMs: 2 ** 31 } }, /limits\.idleMs/],
  ['no listeners', { ...GOOD, listeners: [] }, /listeners/],
  ['a listener on a standard descriptor', { ...GOOD, listeners: [{ fd: 1, kind: 'control' }] }, /descriptor/],
  ['a listener nowhere', { ...GOOD, listeners: [{ kind: 'control' }] }, /listeners\[0\]: one of fd, path, or host and port/],
  ['a listener at two places', { ...GOOD, listeners: [{ fd: 4, path: '/s', kind: 'control' }] }, /one of fd, path/],
  [
    'a listener on every address',
    { ...GOOD, listeners: [{ host: '0.0.0.0', port: 3128, kind: 'egress', client: 'a' }] },
    /host is not one address/,
  ],
  ['the same of IPv6', { ...GOOD, listeners: [{ host: '::', port: 3128, kind: 'egress', client: 'a' }] }, /host is not one address/],
  [
    'the same in disguise',
    { ...GOOD, listeners: [{ host: '::ffff:0.0.0.0', port: 3128, kind: 'egress', client: 'a' }] },
    /host is not one address/,
  ],
  [
    'a listener on a name',
    { ...GOOD, listeners: [{ host: 'localhost', port: 3128, kind: 'egress', client: 'a' }] },
    /host is not one address/,
  ],
  ['a listener on no port', { ...GOOD, listeners: [{ host: '10.0.0.1', kind: 'egress', client: 'a' }] }, /port is no port/],
  [
    'a port for the control socket',
    { ...GOOD, listeners: [{ host: '127.0.0.1', port: 1, kind: 'control' }] },
    /a control socket is no port/,
  ],
  [
    'two clients at one place',
    { ...GOOD, listeners: ['a', 'b'].map((client) => ({ path: '/s', kind: 'egress', client })) },
    /\/s has one already/,
  ],
  ['a listener with more', { ...GOOD, listeners: [{ fd: 4, kind: 'control', mode: 0o777 }] }, /unknown key "mode"/],
  ['an egress listener without a client', { ...GOOD, listeners: [{ fd: 5, kind: 'egress' }] }, /neither control nor/],
  ['a trail of one file', { ...GOOD, trail: { folder: '/t', files: 1 } }, /trail\.files/],
  ['a trail of no day', { ...GOOD, trail: { folder: '/t', days: 0 } }, /trail\.days/],
  ['a trail of a thousand years', { ...GOOD, trail: { folder: '/t', days: 365_000 } }, /trail\.days/],
  ['another version', { ...GOOD, version: 2 }, /version/],
  ['another audit', { ...GOOD, audit: 'off' }, /audit/],
  ['a route to nowhere', { ...GOOD, routes: [{ client: 'a', provider: 'nobody', secretFile: '/k' }] }, /routes\[0\]: provider/],
  ['a route with a relative file', { ...GOOD, routes: [{ ...ROUTE, secretFile: 'k' }] }, /routes\[0\]: secretFile/],
  ['a route without a client', { ...GOOD, routes: [{ ...ROUTE, client: '' }] }, /routes\[0\]: client/],
  ['a route with more', { ...GOOD, routes: [{ ...ROUTE, host: 'evil.test' }] }, /routes\[0\]: unknown key "host"/],
  ['a route to no peer', { ...GOOD, routes: [{ ...A2A, peer: undefined }] }, /routes\[0\]: peer is not an object/],
  ['a peer of a provider', { ...GOOD, routes: [{ ...ROUTE, peer: PEER }] }, /routes\[0\]: peer is for provider a2a alone/],
  ['a peer with more', { ...GOOD, routes: [{ ...A2A, peer: { ...PEER, ca: 'x' } }] }, /routes\[0\]: peer: unknown key "ca"/],
  ['a peer with no name', { ...GOOD, routes: [{ ...A2A, peer: { ...PEER, name: '../x' } }] }, /peer\.name/],
  ['a peer at an address', { ...GOOD, routes: [{ ...A2A, peer: { ...PEER, host: '192.168.1.5' } }] }, /peer\.host/],
  ['a peer at a name in capitals', { ...GOOD, routes: [{ ...A2A, peer: { ...PEER, host: 'Worker.test' } }] }, /peer\.host/],
  ['a peer at no port', { ...GOOD, routes: [{ ...A2A, peer: { ...PEER, port: 0 } }] }, /peer\.port/],
  ['a peer at a path upwards', { ...GOOD, routes: [{ ...A2A, peer: { ...PEER, path: '/../x' } }] }, /peer\.path/],
  ['a peer twice', { ...GOOD, routes: [A2A, { ...A2A, peer: { ...PEER, port: 443 } }] }, /routes\[1\]: a has this route already/],
  ['a route twice', { ...GOOD, routes: [ROUTE, ROUTE] }, /routes\[1\]: a has this route already/],
  ['dns as a text', { ...GOOD, dns: '1.1.1.1' }, /dns/],
];

for (const [situation, value, message] of BROKEN) {
  test(`parseSettings: ${situation} -> invalid`, () => {
    const settings = parseSettings(JSON.stringify(value));
    assert.ok('invalid' in settings);
    assert.match(settings.invalid, message);
  });
}
