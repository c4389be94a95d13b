import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normaliseHost, normaliseTarget, parseAuthority } from './target.ts';

const HOSTS = {
  'Api.Example.COM': 'api.example.com',
  'api.example.com.': 'api.example.com',
  'api.example.com..': undefined,
  '.example.com': undefined,
  'a..b': undefined,
  '.': undefined,
  '': undefined,
  'bücher.example': 'xn--bcher-kva.example',
  'xn--bcher-kva.example': 'xn--bcher-kva.example',
  'exam\u00adple.com': 'example.com',
  '127.0.0.1': '127.0.0.1',
  'user@example.com': undefined,
  'example%2ecom': undefined,
  'example.com/path': undefined,
  'example.com\\x': undefined,
  'exa mple.com': undefined,
  'example.com\u0000': undefined,
  'example.com\r\n': undefined,
  '127.1': '127.0.0.1',
  '0x7f.1.': '127.0.0.1',
  '2130706433': '127.0.0.1',
  '1.2.3.4.5': undefined,
  '[::1]': '::1',
  '::1': '::1',
  '[::ffff:10.0.0.1]': '10.0.0.1',
  '[fe80::1%25eth0]': 'fe80::1',
  '[::1': undefined,
  '*.example.com': undefined,
  '-a.example.com': undefined,
  'a_b.example.com': 'a_b.example.com',
  localhost: 'localhost',
};

for (const [given, expected] of Object.entries(HOSTS)) {
  test(`normaliseHost: ${JSON.stringify(given)} -> ${expected ?? 'refused'}`, () => {
    const host = normaliseHost(given);
    assert.equal('refused' in host ? undefined : host.host, expected);
  });
}

test('normaliseHost: too long -> refused', () => {
  assert.ok('refused' in normaliseHost(`${'a'.repeat(64)}.com`));
  assert.ok('refused' in normaliseHost(Array(64).fill('abc').join('.')));
});

test('normaliseTarget: a port out of range -> refused', () => {
  for (const port of [0, -1, 65_536, 1.5, Number.NaN]) assert.ok('refused' in normaliseTarget('a.example', port));
});

test('normaliseHost: anything that passes -> passes unchanged a second time, in plain characters', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.domain(),
    fc.webAuthority(),
    fc.ipV4Extended(),
    fc.ipV6(),
    fc.string({ unit: 'grapheme' }).map((one) => `${one}.com`),
  );
  fc.assert(
    fc.property(texts, (given) => {
      const once = normaliseHost(given);
      if ('refused' in once) return;
      assert.match(once.host, once.kind === 'name' ? /^[a-z0-9_.-]+$/ : /^[0-9a-f:.]+$/);
      assert.deepEqual(normaliseHost(once.host), once);
    }),
    { numRuns: 3000 },
  );
});

test('normaliseHost: a usual name, or nearly one -> the same as when it is written in capitals, which goes the long way', () => {
  const label = fc.string({ unit: fc.constantFrom('a', 'x', '0', '7', '-', '_'), maxLength: 5 });
  const texts = fc.oneof(
    fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.')),
    fc.integer({ min: 55, max: 70 }).map((length) => 'a'.repeat(length)),
  );
  fc.assert(
    fc.property(texts, (given) => assert.deepEqual(normaliseHost(given), normaliseHost(given.replaceAll('a', 'A').replaceAll('x', 'X')))),
    { numRuns: 3000 },
  );
});

const AUTHORITIES = {
  'a.example:443': 'a.example 443',
  '[::1]:80': '[::1] 80',
  'a.example': undefined,
  'a.example:': undefined,
  'a.example:0': undefined,
  'a.example:0443': undefined,
  'a.example:+443': undefined,
  'a.example:443:443': undefined,
  '::1:443': undefined,
  '[::1]443': undefined,
};

for (const [given, expected] of Object.entries(AUTHORITIES)) {
  test(`parseAuthority: ${given} -> ${expected ?? 'refused'}`, () => {
    const authority = parseAuthority(given);
    assert.equal('refused' in authority ? undefined : `${authority.host} ${authority.port}`, expected);
  });
}
