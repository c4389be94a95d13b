import fc from 'fast-check';
import { hostText, mutated } from './pieces.ts';

const often = <T>(good: fc.Arbitrary<T>, odd: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 30, arbitrary: good }, { weight: 1, arbitrary: odd });
const text = (...values: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...values);

const eol = often(text('\r\n'), text('\n', '\r', '\r\r\n', '\n\r', '\r\n ', '\u0000\r\n', '\u0085', '\r\n\r\n'));
const authority = fc
  .tuple(
    often(text('a.test', 'a.test', '[2001:db8::1]', '198.51.100.1'), hostText),
    often(text('', ':80', ':8080'), text(':0', ':443', ':', ':080')),
  )
  .map((parts) => parts.join(''));
const path = often(
  text('/', '/x', '/x?y=http://evil.test/', '', '?q'),
  text('#x', '/\u0000', '/ HTTP/1.1\r\nHost: evil.test\r\n\r\n', '\\@evil.test/', '//evil.test/', '/%0d%0aHost:evil.test'),
);
/** Where a request is sent: to the proxy, or through a CONNECT that is open already. */
export type Where = 'proxy' | 'tunnel';
const where = fc.constantFrom<Where>('proxy', 'proxy', 'tunnel');
const scheme = often(text('http://'), text('https://', '', '//', 'HTTP://', 'http:/', 'http:///', 'ws://', 'http://user@'));

const separator = often(text(': ', ':'), text(' : ', '\t:', ':\t ', ' ', ':\u0000', ':\u000b'));
const bodyText = text(
  '',
  'abc',
  '3\r\nabc\r\n0\r\n\r\n',
  '0\r\n\r\n',
  '3;x\r\nabc\r\n0\r\n\r\n',
  '3\nabc\n0\n\n',
  'GET http://evil.test/ HTTP/1.1\r\nHost: evil.test\r\n\r\n',
  '0\r\nX: y\r\n\r\n',
  'fffffffff\r\n',
  '1\r\nZ\r\n0\r\n\r\nGET /two HTTP/1.1\r\n\r\n',
);
const fieldName = often(
  text('Accept', 'X-One', 'Connection', 'Content-Length', 'Transfer-Encoding', 'Host', 'Expect', 'Upgrade', 'TE'),
  text(
    'content-length ',
    'Content_Length',
    'Transfer-Encoding\u0000',
    ' Host',
    'Ho st',
    '',
    'CONTENT-LENGTH',
    'X\u00ff',
    '\u212aonnection',
  ),
);
const fieldValue = often(
  text('1', '3', '0', 'chunked', 'a.test', 'close', 'x', '', 'keep-alive, X-One'),
  text(
    '3, 3',
    '+3',
    '03',
    '0x3',
    '3 ',
    '-1',
    '1e1',
    '99999999999999999999',
    'chunked, identity',
    'identity',
    ' chunked',
    'CHUNKED',
    'xchunked',
    'chunked\u000b',
    '"chunked"',
    'content-length',
    'Host, Transfer-Encoding',
    'evil.test',
    'a.test:80',
    'a.test, evil.test',
    '\u00e4',
    'a\r b',
    '\t',
    'a\u0000b',
  ),
);
const framing = text(
  'Content-Length: 3\r\n',
  'Content-Length: 0\r\n',
  'content-length:13\r\n',
  'Transfer-Encoding: chunked\r\n',
  'transfer-encoding:\tChunked\r\n',
  'Transfer-Encoding: xchunked\r\n',
  'Transfer-Encoding: identity\r\n',
  'Connection: close, Content-Length\r\n',
  'Connection: transfer-encoding\r\n',
);
const field = fc.oneof(
  framing,
  fc.tuple(fieldName, separator, fieldValue, eol).map((all) => all.join('')),
);

const parts = fc.record({
  method: often(
    text('GET', 'POST', 'PUT', 'HEAD', 'DELETE'),
    text('CONNECT', 'get', 'G ET', 'PRI', 'TRACE', '', 'OPTIONS', 'A'.repeat(21)),
  ),
  gap: often(text(' '), text('  ', '\t', '\u000b', '')),
  scheme,
  authority,
  path,
  version: often(text('HTTP/1.1', 'HTTP/1.0'), text('HTTP/2.0', 'HTTP/1.10', 'http/1.1', '', 'HTTP/1.1 ', 'HTTP/0.9')),
  eol,
  hosts: often(text('same'), text('none', 'twice', 'other', 'folded')),
  fields: fc.array(field, { maxLength: 4 }),
  end: often(text('\r\n'), text('\n', '', '\r\n\r\n', '\r')),
  body: fc.oneof(
    bodyText,
    fc.tuple(bodyText, bodyText).map((both) => both.join('')),
  ),
});

const hostLines = (shown: string): Readonly<Record<string, string>> => ({
  same: `Host: ${shown}\r\n`,
  none: '',
  twice: `Host: ${shown}\r\nhost: evil.test\r\n`,
  other: 'Host: evil.test\r\n',
  folded: `Host:\r\n ${shown}\r\n`,
});

/** A request as a client would send it to a proxy, honest or made to be read in two ways. */
const requestTo = (place: Where): fc.Arbitrary<Buffer> =>
  mutated(
    parts.map((one) => {
      const target = place === 'proxy' ? `${one.scheme}${one.authority}${one.path}` : one.path === '' ? '/' : one.path;
      const line = `${one.method}${one.gap}${target} ${one.version}${one.eol}`;
      const shown = place === 'proxy' ? one.authority : 'a.test';
      return Buffer.from(`${line}${hostLines(shown)[one.hosts] ?? ''}${one.fields.join('')}${one.end}${one.body}`, 'latin1');
    }),
    1,
  );

/** The same, and where it is sent. */
export const requests: fc.Arbitrary<readonly [Where, Buffer]> = where.chain((place) => fc.tuple(fc.constant(place), requestTo(place)));

/** A CONNECT, and something behind it already. */
export const connectRequests: fc.Arbitrary<Buffer> = mutated(
  fc
    .tuple(
      often(text('CONNECT '), text('connect ', 'CONNECT  ', 'CONNECT http://')),
      authority,
      often(text(' HTTP/1.1'), text('', ' HTTP/1.9')),
      eol,
      fc.array(field, { maxLength: 2 }),
      text('\r\n', '\r\nX'),
    )
    .map(([method, to, version, end, fields, last]) => Buffer.from(`${method}${to}${version}${end}${fields.join('')}${last}`, 'latin1')),
  2,
);
