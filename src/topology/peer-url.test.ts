import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isPeerPath } from '../policy/peer.ts';
import { readPeerUrl } from './peer-url.ts';

for (const [url, read] of [
  ['https://worker.example.org/a2a/v1', 'worker.example.org 443 /a2a/v1'],
  ['https://Worker.Example.org:8443/a2a/v1', 'worker.example.org 8443 /a2a/v1'],
  ['https://nas.lan/team/a2a/v1', 'nas.lan 443 /team/a2a/v1'],
  ['http://worker.example.org/a2a/v1', 'not encrypted'],
  ['HTTP://worker.example.org/a2a/v1', 'not encrypted'],
  ['worker.example.org', 'begin with https'],
  ['https:///a2a/v1', 'begin with https'],
  ['https://me:pass@worker.example.org/a2a/v1', 'user name'],
  ['https://worker.example.org/a2a/v1?token=x', 'query'],
  ['https://worker.example.org/a2a/v1#x', 'fragment'],
  ['https://worker.example.org', 'path'],
  ['https://worker.example.org/', 'path'],
  ['https://worker.example.org/a2a/../v1', 'path'],
  ['https://worker.example.org/a2a/v1\nx', 'path'],
  ['https://worker.example.org:0/a2a/v1', 'port'],
  ['https://worker.example.org:70000/a2a/v1', 'port'],
  ['https://worker/a2a/v1', 'full host name'],
  ['https://co.uk/a2a/v1', 'full host name'],
  ['https://*.example.org/a2a/v1', 'must be a name'],
  ['https://192.168.1.5/a2a/v1', 'must be a name'],
  ['https://[2001:db8::1]/a2a/v1', 'must be a name'],
  ['https://127.0.0.1/a2a/v1', 'full host name'],
] as const)
  test(`readPeerUrl: ${JSON.stringify(url)} -> ${read}`, () => {
    const found = readPeerUrl(url);
    if ('message' in found) assert.ok(found.message.includes(read), found.message);
    else assert.equal(`${found.host} ${found.port} ${found.path}`, read);
  });

test('readPeerUrl: any text -> a name, a port and a plain path, or a message without the text', () => {
  const piece = fc.oneof(fc.constantFrom('https://', 'a.test', ':443', '/a2a', '..', '@', '?', '#', '%', '[', ']', '\\'), fc.string());
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const found = readPeerUrl(pieces.join(''));
      if ('message' in found) return;
      assert.match(found.host, /^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/);
      assert.ok(found.port >= 1 && found.port <= 65_535 && isPeerPath(found.path));
    }),
    { numRuns: 3000 },
  );
});
