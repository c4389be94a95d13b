import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAccessLine } from './access-line.ts';

const TUNNEL = '1795360687.414 1501 19101 37424 41002 200 TCP_TUNNEL CONNECT api.example.com 443 198.51.100.10 1661 67 1876 39 - - -';

test('parseAccessLine: a tunnel -> its place, its bytes without the heads, its times', () => {
  assert.deepEqual(parseAccessLine(TUNNEL), {
    endMs: 1_795_360_687_414,
    ms: 1501,
    port: 19_101,
    fromPort: 37_424,
    onPort: 41_002,
    status: 200,
    did: 'TCP_TUNNEL',
    method: 'CONNECT',
    host: 'api.example.com',
    toPort: 443,
    address: '198.51.100.10',
    up: 1594,
    down: 1837,
    error: undefined,
    hello: undefined,
    sni: undefined,
  });
});

test('parseAccessLine: what a client chose -> its escapes are undone, brackets fall', () => {
  const line = '1795360687.414 0 19101 37424 - 403 TCP_DENIED CONNECT %20a%0Ab%25 443 - 44 44 39 39 ERR_ACCESS_DENIED terminate x%20y';
  const read = parseAccessLine(line);
  assert.deepEqual([read?.host, read?.sni, read?.hello, read?.error], [' a\nb%', 'x y', 'terminate', 'ERR_ACCESS_DENIED']);
  assert.equal(parseAccessLine(TUNNEL.replace('api.example.com', '[2001:db8::1]'))?.host, '2001:db8::1');
});

const BROKEN = [
  '',
  '-',
  TUNNEL.slice(0, 40),
  `${TUNNEL} x`,
  TUNNEL.replace('1795360687.414', 'yesterday'),
  TUNNEL.replace(' 200 ', ' ok '),
  TUNNEL.replace(' 1501 ', ' -5 '),
];
for (const line of BROKEN) {
  test(`parseAccessLine: ${JSON.stringify(line.slice(0, 50))} -> none of ours`, () => assert.equal(parseAccessLine(line), undefined));
}

test('parseAccessLine: any text -> no throw, and never a port or a count that is none', () => {
  const field = fc.oneof(fc.constantFrom(...TUNNEL.split(' ')), fc.string({ maxLength: 12 }), fc.nat().map(String));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(field, { minLength: 18, maxLength: 18 }).map((all) => all.join(' ')),
      ),
      (line) => {
        const read = parseAccessLine(line);
        if (!read) return;
        assert.ok(read.up >= 0 && read.down >= 0 && read.ms >= 0 && Number.isSafeInteger(read.endMs));
        for (const port of [read.port, read.fromPort, read.onPort, read.toPort])
          assert.ok(port === undefined || (port >= 1 && port <= 65_535));
      },
    ),
  );
});
