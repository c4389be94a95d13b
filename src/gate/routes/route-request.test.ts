import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readHead } from '../http-head.ts';
import { a2aProvider } from './providers/a2a.ts';
import { providerOf } from './providers/all.ts';
import { readRouteRequest, routeName } from './route-request.ts';

const KEY = '123456:the-key_of-the-test';
const PEERS = [
  a2aProvider({ name: 'worker', host: 'worker.test', port: 443, path: '/a2a/v1' }),
  a2aProvider({ name: 'team', host: 'worker.test', port: 8443, path: '/team.x/a2a/v1' }),
  a2aProvider({ name: 'odd', host: 'odd.test', port: 443, path: '/rpc' }),
];

function known(name: string) {
  return PEERS.find((one) => one.name === name) ?? providerOf(name);
}

function read(provider: string, line: string, fields: readonly string[] = [], mostBytes = 100) {
  const head = readHead(Buffer.from([`${line} HTTP/1.1`, 'host: x', ...fields, '', ''].join('\r\n')));
  assert.ok(head && !('refused' in head), line);
  const to = known(provider);
  assert.ok(to);
  return readRouteRequest(head, to, mostBytes);
}

const ASKED: readonly (readonly [provider: string, line: string, upstream: string])[] = [
  ['anthropic', 'POST /anthropic/v1/messages', '/v1/messages'],
  ['anthropic', 'POST /anthropic/v1/messages?beta=true', '/v1/messages?beta=true'],
  ['openai', 'POST /openai/v1/responses', '/v1/responses'],
  ['openai', 'POST /openai/v1/embeddings', '/v1/embeddings'],
  ['openrouter', 'POST /openrouter/api/v1/chat/completions', '/api/v1/chat/completions'],
  [
    'google',
    'POST /google/v1beta/models/gemini-3.5-flash:streamGenerateContent?alt=sse',
    '/v1beta/models/gemini-3.5-flash:streamGenerateContent?alt=sse',
  ],
  ['telegram', 'GET /telegram/bot1:placeholder/getMe', `/bot${KEY}/getMe`],
  ['telegram', 'POST /telegram/bot1:placeholder/sendMessage', `/bot${KEY}/sendMessage`],
  ['telegram', 'GET /telegram/file/bot1:x/photos/file_0.jpg', `/file/bot${KEY}/photos/file_0.jpg`],
  ['a2a-worker', 'POST /a2a-worker/a2a/v1', '/a2a/v1'],
  ['a2a-worker', 'GET /a2a-worker/.well-known/agent-card.json', '/.well-known/agent-card.json'],
  ['a2a-team', 'POST /a2a-team/team.x/a2a/v1', '/team.x/a2a/v1'],
  ['a2a-team', 'GET /a2a-team/team.x/.well-known/agent-card.json', '/team.x/.well-known/agent-card.json'],
  ['a2a-odd', 'POST /a2a-odd/rpc', '/rpc'],
  ['a2a-odd', 'GET /a2a-odd/.well-known/agent-card.json', '/.well-known/agent-card.json'],
];

for (const [provider, line, upstream] of ASKED) {
  test(`readRouteRequest: ${line} -> ${upstream.replace(KEY, '<key>')}`, () => {
    const request = read(provider, line);
    assert.ok(request.kind === 'ask');
    assert.equal(request.pathWith(KEY), upstream);
  });
}

const REFUSED: readonly (readonly [provider: string, line: string])[] = [
  ['anthropic', 'GET /anthropic/v1/messages'],
  ['anthropic', 'POST /anthropic/v1/messages/'],
  ['anthropic', 'POST /anthropic//v1/messages'],
  ['anthropic', 'POST /anthropic/v1/messages#x'],
  ['anthropic', 'POST /anthropic/v1/models'],
  ['openai', 'POST /openai/v1/chat/completions'],
  ['openai', 'POST /openai/v1/files'],
  ['google', 'POST /google/v1beta/models/m:streamGenerateContent?alt=sse&key=other'],
  ['google', 'POST /google/v1beta/models/a/b:generateContent'],
  ['google', 'POST /google/upload/v1beta/files'],
  ['telegram', 'POST /telegram/bot1:x/setWebhook'],
  ['telegram', 'POST /telegram/bot1:x/logOut'],
  ['telegram', 'POST /telegram/bot1:x/getMe/../setWebhook'],
  ['telegram', 'GET /telegram/bot1:x/sendMessage'],
  ['telegram', 'GET /telegram/file/bot1:x/../bot1:x/getUpdates'],
  ['telegram', 'GET /telegram/file/bot1:x/.hidden'],
  ['telegram', 'GET /telegram/file/bot1:x/photos/file_1.jpg..'],
  ['telegram', 'GET /telegram/file/bot1:x/photos/file..jpg'],
  ['a2a-worker', 'GET /a2a-worker/a2a/v1'],
  ['a2a-worker', 'PUT /a2a-worker/a2a/v1'],
  ['a2a-worker', 'POST /a2a-worker'],
  ['a2a-worker', 'POST /a2a-worker/a2a/v1/'],
  ['a2a-worker', 'POST /a2a-worker/a2a/v1?x=1'],
  ['a2a-worker', 'POST /a2a-worker/v1/responses'],
  ['a2a-worker', 'POST /a2a-worker/tools/invoke'],
  ['a2a-worker', 'POST /a2a-worker/.well-known/agent-card.json'],
  ['a2a-worker', 'GET /a2a-worker/.well-known/agent.json'],
  ['a2a-team', 'POST /a2a-team/a2a/v1'],
  ['a2a-team', 'POST /a2a-team/teamAx/a2a/v1'],
  ['a2a-team', 'GET /a2a-team/.well-known/agent-card.json'],
];

for (const [provider, line] of REFUSED) {
  test(`readRouteRequest: ${line} -> refused`, () => assert.equal(read(provider, line).kind, 'refused'));
}

test('readRouteRequest: fields -> what the client says of itself stays, what the provider needs passes', () => {
  const request = read('anthropic', 'POST /anthropic/v1/messages', [
    'X-Api-Key: placeholder',
    'Authorization: Bearer placeholder',
    'anthropic-version: 2023-06-01',
    'anthropic-beta: files-api-2025-04-14',
    'Content-Type: application/json',
    'Accept-Encoding: gzip',
    'Cookie: a',
    'traceparent: 00',
    'X-Forwarded-For: 1.2.3.4',
    'content-length: 3',
  ]);
  assert.ok(request.kind === 'ask');
  assert.deepEqual(request.fields, { 'anthropic-version': '2023-06-01', 'content-type': 'application/json' });
  assert.deepEqual(request.body, { kind: 'length', bytes: 3 });
});

test('readRouteRequest: to a peer -> the version of the protocol passes, and nothing that tells who asks', () => {
  const request = read('a2a-worker', 'POST /a2a-worker/a2a/v1', [
    'Authorization: Bearer one of its own',
    'A2A-Version: 1.0',
    'A2A-Extensions: https://evil.test/extension',
    'Accept: text/event-stream',
    'Cookie: a',
    'content-length: 3',
  ]);
  assert.ok(request.kind === 'ask');
  assert.deepEqual(request.fields, { 'a2a-version': '1.0', accept: 'text/event-stream' });
});

test('readRouteRequest: odd framing and too much of it -> refused', () => {
  const line = 'POST /anthropic/v1/messages';
  for (const fields of [
    ['content-length: 3', 'transfer-encoding: chunked'],
    ['transfer-encoding: gzip'],
    ['host: y'],
    ['accept: a', 'accept: b'],
  ])
    assert.equal(read('anthropic', line, fields).kind, 'refused', fields.join());
  assert.deepEqual(read('anthropic', line, ['content-length: 101']), {
    kind: 'refused',
    status: 413,
    detail: 'a body of more than 100 bytes',
  });
});

test('routeName: only the first part of a path -> a name', () => {
  for (const [target, name] of [
    ['/anthropic/v1', 'anthropic'],
    ['/a', 'a'],
    ['/a?b', 'a'],
    ['/', undefined],
    ['//a/b', undefined],
    ['/A', undefined],
    ['/a%2f', undefined],
    ['http://a/b', undefined],
  ] as const)
    assert.equal(routeName({ method: 'GET', target, minor: 1, fields: [], length: 0 }), name, target);
  assert.equal(routeName({ method: 'CONNECT', target: '/a', minor: 1, fields: [], length: 0 }), undefined);
});

test('readRouteRequest: any path -> what is asked upstream names nothing that is not in the list', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '/v1',
      '/messages',
      '/..',
      '%2e',
      '?',
      '#',
      '//',
      '/bot1:x',
      '/file',
      '/getMe',
      '/sendMessage',
      '/a2a/v1',
      '/team.x',
      '/.well-known/agent-card.json',
      ':',
      '@evil.test',
      '{key}',
      '{1}',
      '$&',
    ),
    fc.string({ maxLength: 5 }),
  );
  const target = fc.tuple(
    fc.constantFrom('anthropic', 'telegram', 'google', 'openai', 'openrouter', 'a2a-worker', 'a2a-team'),
    fc.array(piece, { maxLength: 7 }),
  );
  fc.assert(
    fc.property(target, fc.constantFrom('GET', 'POST', 'PUT'), ([provider, pieces], method) => {
      const to = known(provider);
      assert.ok(to);
      const request = readRouteRequest(
        { method, target: `/${provider}${pieces.join('')}`, minor: 1, fields: [{ name: 'host', value: 'x' }], length: 0 },
        to,
        10,
      );
      if (request.kind === 'refused') return;
      const path = request.pathWith(KEY);
      assert.match(path, /^\/[!-~]*$/);
      assert.doesNotMatch(path, /\.\.|\/\/|[%#{}@\\]/);
      if (provider === 'telegram') assert.ok(path.startsWith(`/bot${KEY}/`) || path.startsWith(`/file/bot${KEY}/`));
    }),
    { numRuns: 3000 },
  );
});
