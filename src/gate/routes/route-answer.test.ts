import assert from 'node:assert/strict';
import { test } from 'node:test';
import { providerOf } from './providers/all.ts';
import { answerHead, errorAnswer, judgeAnswer } from './route-answer.ts';

const ANTHROPIC = providerOf('anthropic');
assert.ok(ANTHROPIC);
const provider = ANTHROPIC;
const settings = { provider, secretFile: '/secrets/anthropic_api_key' };

for (const [status, outcome] of [
  [200, 'pass'],
  [400, 'pass'],
  [404, 'pass'],
  [429, 'pass'],
  [500, 'pass'],
  [529, 'pass'],
  [401, 400],
  [402, 400],
  [403, 400],
  [301, 400],
  [307, 400],
  [304, 400],
  [101, 502],
  [600, 502],
  [0, 502],
] as const) {
  test(`judgeAnswer: HTTP ${status} -> ${outcome}`, () => {
    const judged = judgeAnswer(status, settings);
    assert.equal(judged.kind === 'pass' ? 'pass' : judged.status, outcome);
  });
}

test('judgeAnswer: the key of the gate is refused -> the command that replaces it', () => {
  const judged = judgeAnswer(401, settings);
  assert.match(judged.kind === 'instead' ? judged.message : '', /HTTP 401\).*: lobsterpot rotate secret anthropic_api_key$/);
});

test('answerHead: the fields of a provider -> neither a cookie, nor another place, nor its framing', () => {
  const head = answerHead(
    200,
    {
      'content-type': 'text/event-stream',
      location: 'https://evil.test',
      'set-cookie': ['a=b'],
      'transfer-encoding': 'chunked',
      connection: 'keep-alive',
      'content-length': '5',
      'alt-svc': 'h3=":443"',
      'anthropic-ratelimit-tokens-remaining': '7',
      'retry-after': '3\r\nx: y',
    },
    'chunked',
  );
  assert.equal(
    head,
    'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nanthropic-ratelimit-tokens-remaining: 7\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n',
  );
});

const SHAPES: readonly (readonly [name: string, status: number, body: unknown])[] = [
  ['anthropic', 400, { type: 'error', error: { type: 'invalid_request_error', message: 'no "way"' } }],
  ['anthropic', 429, { type: 'error', error: { type: 'rate_limit_error', message: 'no "way"' } }],
  ['anthropic', 502, { type: 'error', error: { type: 'api_error', message: 'no "way"' } }],
  ['openai', 429, { error: { message: 'no "way"', type: 'rate_limit_error', param: null, code: null } }],
  ['google', 429, { error: { code: 429, message: 'no "way"', status: 'RESOURCE_EXHAUSTED' } }],
  ['telegram', 400, { ok: false, error_code: 400, description: 'no "way"' }],
];

for (const [name, status, expected] of SHAPES) {
  test(`errorAnswer: ${name}, ${status} -> in its own shape, without Retry-After`, () => {
    const of = providerOf(name);
    assert.ok(of);
    const [head = '', body = ''] = errorAnswer(of, status, 'no "way"').split('\r\n\r\n');
    assert.deepEqual(JSON.parse(body), expected);
    assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} Error\\r\\n`));
    assert.doesNotMatch(head, /retry-after/i);
    assert.match(head, new RegExp(`content-length: ${Buffer.byteLength(body)}`));
  });
}
