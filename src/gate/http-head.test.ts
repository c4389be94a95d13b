import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readHead } from './http-head.ts';

const read = (text: string): ReturnType<typeof readHead> => readHead(Buffer.from(text, 'latin1'));

test('readHead: a whole head -> its parts and its length', () => {
  const text = 'CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nX-Empty:\r\nx-tab:\t v \r\n\r\n';
  assert.deepEqual(read(`${text}rest`), {
    method: 'CONNECT',
    target: 'a.test:443',
    minor: 1,
    fields: [
      { name: 'host', value: 'a.test:443' },
      { name: 'x-empty', value: '' },
      { name: 'x-tab', value: 'v' },
    ],
    length: text.length,
  });
});

test('readHead: cut anywhere before its end -> wants more', () => {
  const text = 'GET http://a.test/ HTTP/1.0\r\nHost: a.test\r\n\r\n';
  for (let length = 0; length < text.length; length += 1) assert.equal(read(text.slice(0, length)), undefined);
});

const REFUSED: Readonly<Record<string, string>> = {
  'a TLS record': '\u0016\u0003\u0001',
  'a leading empty line': '\r\nGET / HTTP/1.1\r\n\r\n',
  'HTTP/2': 'PRI * HTTP/2.0\r\n\r\n',
  'HTTP/1.2': 'GET / HTTP/1.2\r\n\r\n',
  'two spaces': 'GET  / HTTP/1.1\r\n\r\n',
  'a tab in the request line': 'GET\t/ HTTP/1.1\r\n\r\n',
  'no version': 'GET /\r\n\r\n',
  'a lower-case method': 'gET / HTTP/1.1\r\n\r\n',
  'a bare line feed': 'GET / HTTP/1.1\nHost: a\r\n\r\n',
  'a bare carriage return': 'GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n',
  'a folded line': 'GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n',
  'a space before the colon': 'GET / HTTP/1.1\r\nHost : a\r\n\r\n',
  'no colon': 'GET / HTTP/1.1\r\nHost\r\n\r\n',
  'a zero byte': 'GET / HTTP/1.1\r\nX: a\u0000b\r\n\r\n',
  'a byte above ASCII': 'GET / HTTP/1.1\r\nX: \u00e4\r\n\r\n',
  'a byte above ASCII in the target': 'GET /\u00e4 HTTP/1.1\r\n\r\n',
  'too many fields': `GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(101)}\r\n`,
};

for (const [situation, text] of Object.entries(REFUSED)) {
  test(`readHead: ${situation} -> refused`, () => {
    const head = read(text);
    assert.ok(head && 'refused' in head);
  });
}

test('readHead: any bytes -> a head of plain characters, a refusal, or more; never an exception', () => {
  const pieces = fc.constantFrom(
    'GET ',
    'CONNECT ',
    'a.test:443',
    ' HTTP/1.1',
    '\r\n',
    '\n',
    '\r',
    ':',
    'Host',
    ' ',
    '\u0000',
    '\u00ff',
    'x',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.array(pieces).map((list) => Buffer.from(list.join(''), 'latin1')),
      ),
      (bytes) => {
        const head = readHead(Buffer.from(bytes));
        if (!head || 'refused' in head) return;
        assert.match(`${head.method} ${head.target}`, /^[A-Z]+ [!-~]+$/);
        for (const { name, value } of head.fields) assert.match(`${name}: ${value}`, /^[^\s:]+: [\t -~]*$/);
      },
    ),
  );
});

const BLANKS = ' '.repeat(16_000);
for (const [situation, value] of [
  ['blanks and a control character', `${BLANKS}\u0001`],
  ['blanks between two words', `a${BLANKS}b`],
  ['tabs and blanks', '\t '.repeat(8000)],
] as const) {
  test(`readHead: a field of 16 KB of ${situation} -> read in milliseconds`, () => {
    const began = performance.now();
    read(`GET / HTTP/1.1\r\nX:${value}\r\n\r\n`);
    assert.ok(performance.now() - began < 100);
  });
}
