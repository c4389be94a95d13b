import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHead } from './http-head.ts';
import { type GateRequestHead, readInnerRequest, readRequest } from './request.ts';

function head(lines: readonly string[]): Parameters<typeof readRequest>[0] {
  const read = readHead(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
  assert.ok(read && !('refused' in read), lines.join(' | '));
  return read;
}

const show = (request: GateRequestHead): string =>
  request.kind === 'refused' ? `${request.reason}: ${request.detail}` : `${request.kind} ${request.target.host} ${request.target.port}`;

const CASES: readonly (readonly [lines: readonly string[], expected: RegExp])[] = [
  [['CONNECT A.test.:443 HTTP/1.1', 'Host: whatever'], /^connect a\.test 443$/],
  [['CONNECT [::1]:443 HTTP/1.1'], /^connect ::1 443$/],
  [['CONNECT a.test HTTP/1.1'], /^bad-target: the port is missing/],
  [['CONNECT http://a.test:443 HTTP/1.1'], /^bad-target/],
  [['CONNECT a.test:443 HTTP/1.1', 'Content-Length: 0'], /^bad-request: CONNECT with a body/],
  [['CONNECT a.test:443 HTTP/1.1', 'Transfer-Encoding: chunked'], /^bad-request: CONNECT with a body/],
  [['CONNECT a.test:443 HTTP/1.1', 'Host: a', 'Host: b'], /^bad-request: more than one Host/],
  [['GET http://a.test/x?y HTTP/1.1', 'Host: A.TEST:80'], /^forward a\.test 80$/],
  [['GET http://a.test:8080 HTTP/1.1', 'Host: a.test:8080'], /^forward a\.test 8080$/],
  [['GET http://a.test/ HTTP/1.1', 'Host: b.test'], /^host-mismatch/],
  [['GET http://a.test:8080/ HTTP/1.1', 'Host: a.test'], /^host-mismatch/],
  [['GET http://a.test:443/ HTTP/1.1', 'Host: a.test:443'], /^bad-request: port 443 speaks TLS/],
  [['GET http://a.test/ HTTP/1.1'], /^bad-request: not exactly one Host/],
  [['GET http://user@a.test/ HTTP/1.1', 'Host: a.test'], /^bad-target/],
  [['GET http://a.test/#x HTTP/1.1', 'Host: a.test'], /^bad-request/],
  [['GET / HTTP/1.1', 'Host: a.test'], /^bad-request: neither/],
  [['GET https://a.test/ HTTP/1.1', 'Host: a.test'], /^bad-request: neither/],
  [['GET ftp://a.test/ HTTP/1.1', 'Host: a.test'], /^bad-request: neither/],
  [['POST http://a.test/ HTTP/1.1', 'Host: a.test', 'Content-Length: 4', 'Transfer-Encoding: chunked'], /^bad-request: both/],
  [['POST http://a.test/ HTTP/1.1', 'Host: a.test', 'Content-Length: 4', 'Content-Length: 4'], /^bad-request: .*twice/],
  [['POST http://a.test/ HTTP/1.1', 'Host: a.test', 'Content-Length: +4'], /^bad-request: .*no number/],
  [['POST http://a.test/ HTTP/1.1', 'Host: a.test', 'Content-Length: 4, 4'], /^bad-request: .*no number/],
  [['POST http://a.test/ HTTP/1.1', 'Host: a.test', 'Transfer-Encoding: gzip, chunked'], /^bad-request: .*chunked/],
  [['POST http://a.test/ HTTP/1.0', 'Host: a.test', 'Transfer-Encoding: chunked'], /^bad-request: .*chunked/],
  [
    ['POST http://a.test/ HTTP/1.1', 'Host: a.test', 'Connection: close, Content-Length', 'Content-Length: 4'],
    /^bad-request: Connection names/,
  ],
];

for (const [lines, expected] of CASES) {
  test(`readRequest: ${lines.join(' | ')} -> ${expected.source}`, () => {
    assert.match(show(readRequest(head(lines))), expected);
  });
}

test('readRequest: a forward request -> a head of our own, without what is between client and gate', () => {
  const request = readRequest(
    head([
      'POST http://A.test/x?y=1 HTTP/1.1',
      'Host: a.test',
      'Proxy-Authorization: Basic eA==',
      'Proxy-Connection: keep-alive',
      'Connection: X-Hop',
      'X-Hop: 1',
      'Upgrade: h2c',
      'TE: trailers',
      'Accept: */*',
      'Transfer-Encoding: chunked',
    ]),
  );
  assert.equal(
    request.kind === 'forward' ? request.head : '',
    'POST /x?y=1 HTTP/1.1\r\nhost: a.test\r\naccept: */*\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n',
  );
});

test('readRequest: a URL without a path, with a query -> the path is /', () => {
  const request = readRequest(head(['GET http://a.test:8080?y HTTP/1.1', 'Host: a.test:8080']));
  assert.match(request.kind === 'forward' ? request.head : '', /^GET \/\?y HTTP\/1\.1\r\nhost: a\.test:8080\r\n/);
});

test('readInnerRequest: inside a tunnel -> Host must be the tunnel’s', () => {
  const target = { host: 'a.test', port: 80, kind: 'name' } as const;
  assert.equal(show(readInnerRequest(head(['GET /x HTTP/1.1', 'Host: a.test']), target)), 'forward a.test 80');
  assert.match(show(readInnerRequest(head(['GET /x HTTP/1.1', 'Host: b.test']), target)), /^host-mismatch/);
  assert.match(show(readInnerRequest(head(['GET http://a.test/ HTTP/1.1', 'Host: a.test']), target)), /^bad-request/);
  assert.match(show(readInnerRequest(head(['OPTIONS * HTTP/1.1', 'Host: a.test']), target)), /^bad-request/);
});

test('readRequest: a long URL that is none only at its end -> refused in milliseconds', () => {
  const long = head([`GET http://${'a'.repeat(60_000)}# HTTP/1.1`, 'Host: a.test']);
  const began = performance.now();
  assert.match(show(readRequest(long)), /^bad-request/);
  assert.ok(performance.now() - began < 100);
});
