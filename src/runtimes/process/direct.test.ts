import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { directPort, directText } from './direct.ts';

const OF = { deployment: 'home', name: 'node-nas', runtime: '/srv/runtime', forwards: [{ port: 3128 }] };
const ROOT = '/srv/home';
const PORT = directPort(OF, 3128);

suite('directText', () => {
  const cases: ReadonlyArray<readonly [string, string]> = [
    ['/config/openclaw.json', '/srv/home/services/node-nas/config/openclaw.json'],
    ['"path": "/secrets/token"', '"path": "/srv/home/services/node-nas/secrets/token"'],
    ['/state', '/srv/home/services/node-nas/state'],
    ['A=/state/home:/runtime/bin', 'A=/srv/home/services/node-nas/state/home:/srv/runtime/bin'],
    ['/configure /srv/state /stateful x/config ./config', '/configure /srv/state /stateful x/config ./config'],
    ['http://127.0.0.1:3128/', `http://127.0.0.1:${PORT}/`],
    ['localhost:3128 [::1]:3128', `localhost:${PORT} [::1]:${PORT}`],
    ['127.0.0.1:31280 10.0.0.1:3128', '127.0.0.1:31280 10.0.0.1:3128'],
    ['3128', String(PORT)],
    ['x 3128', 'x 3128'],
    ['', ''],
  ];
  for (const [from, to] of cases) {
    test(`${from} -> ${to}`, () => assert.equal(directText(from, OF, ROOT), to));
  }

  test('directPort: another service -> another port', () => {
    assert.notEqual(PORT, directPort({ ...OF, name: 'gateway-main' }, 3128));
    assert.ok(PORT >= 20_000 && PORT < 30_000);
  });
});
