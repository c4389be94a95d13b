import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseKeeperSettings } from './keeper-settings.ts';

const good = {
  version: 1,
  squid: '/usr/sbin/squid',
  clients: [{ client: 'gateway-main', port: 19_101 }],
  healthPort: 19_001,
  logPort: 19_002,
  hopPort: 19_003,
  folder: '/run/lobsterpot',
};

test('parseKeeperSettings: what a service is given -> the same', () => {
  assert.deepEqual(parseKeeperSettings(JSON.stringify(good)), good);
});

const BROKEN: Readonly<Record<string, object>> = {
  'another version': { version: 2 },
  'an unknown key': { more: 1 },
  'no clients': { clients: [] },
  'a client that is no name': { clients: [{ client: 'a b', port: 19_101 }] },
  'a client that begins a line': { clients: [{ client: 'a\nhttp_access', port: 19_101 }] },
  'a port of the system': { healthPort: 80 },
  'one port twice': { logPort: 19_101 },
  'a resolver that is a name': { dns: ['resolver.example'] },
  'no program': { squid: 1 },
};
for (const [situation, more] of Object.entries(BROKEN)) {
  test(`parseKeeperSettings: ${situation} -> invalid`, () => {
    assert.ok('invalid' in parseKeeperSettings(JSON.stringify({ ...good, ...more })));
  });
}
