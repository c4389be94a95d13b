import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { presetNames, presetRules } from './presets.ts';
import { parseRule } from './rule.ts';

function read(text: string): string {
  const rule = parseRule(text);
  return 'message' in rule ? `${rule.message} | ${rule.fix}` : `${rule.host} ${rule.port}`;
}

const GOOD = {
  'api.example.com': 'api.example.com 443',
  'API.Example.com.:8443': 'api.example.com 8443',
  '*.example.com': '*.example.com 443',
  '*.example.co.uk:80': '*.example.co.uk 80',
  'bücher.example': 'xn--bcher-kva.example 443',
  'nas.lan': 'nas.lan 443',
  '192.168.1.5:5001': '192.168.1.5 5001',
  '[2001:db8::1]:443': '2001:db8::1 443',
  '2001:db8::1': '2001:db8::1 443',
  's3.amazonaws.com': 's3.amazonaws.com 443',
};

for (const [text, expected] of Object.entries(GOOD)) {
  test(`parseRule: ${text} -> ${expected}`, () => {
    assert.equal(read(text), expected);
  });
}

const BAD: Readonly<Record<string, RegExp>> = {
  '*.com': /anyone registers under com \| .*\*\.example\.com/,
  '*.co.uk': /anyone registers under co\.uk/,
  '*.github.io': /anyone registers under github\.io/,
  '*.lan': /anyone registers under lan/,
  '*': /opens everything.*mode: report/,
  'x.*.com': /whole labels at the front/,
  '*example.com': /whole labels at the front/,
  '*.*.example.com': /one star at the front/,
  'https://api.example.com/v1': /is a URL.* write: api\.example\.com$/,
  'api.example.com/v1': /has a path.* write: api\.example\.com$/,
  'user@api.example.com': /user name.* write: api\.example\.com$/,
  '10.0.0.0/8': /range of addresses/,
  '10.0.0.1-10.0.0.9': /range of addresses/,
  '10.0.0.*': /range of addresses/,
  'a..example.com': /empty label/,
  com: /not a full host name/,
  'co.uk': /public suffix/,
  localhost: /not a full host name/,
  '127.0.0.1': /loopback address, which no rule opens/,
  '0x7f.1': /loopback address, which no rule opens/,
  '169.254.169.254': /metadata address/,
  'a.example:0': /port/,
  'a.example:99999': /port/,
  'a.example:': /port/,
  ' a.example': /spaces/,
  '': /empty/,
};

for (const [text, expected] of Object.entries(BAD)) {
  test(`parseRule: ${JSON.stringify(text)} -> says what to write`, () => {
    assert.match(read(text), expected);
  });
}

test('parseRule: any text -> a rule that reads back as itself, or one line of message and fix', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.domain(),
    fc.webUrl(),
    fc.domain().map((name) => `*.${name}:8443`),
    fc.ipV6(),
    fc.ipV4Extended(),
  );
  fc.assert(
    fc.property(texts, (given) => {
      const rule = parseRule(given);
      if ('message' in rule) return assert.doesNotMatch(`${rule.message}${rule.fix}`, /[\n\r]/);
      const host = rule.host.includes(':') ? `[${rule.host}]` : rule.host;
      assert.deepEqual(parseRule(`${host}:${rule.port}`), rule);
    }),
    { numRuns: 1000 },
  );
});

test('presetRules: every preset -> rules that could have been written by hand', () => {
  for (const name of presetNames) for (const { host, port } of presetRules(name) ?? []) assert.equal(read(host), `${host} ${port}`);
  assert.equal(presetRules('nonsense'), undefined);
  assert.equal(presetRules('toString'), undefined);
});
