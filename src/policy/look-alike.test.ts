import assert from 'node:assert/strict';
import { test } from 'node:test';
import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { describeName, isOneEditAway } from './look-alike.ts';

const ALLOWED = ['api.anthropic.com', 'api.telegram.org', '*.githubusercontent.com', 'nas.lan', '203.0.113.7'];

const NAMES: readonly (readonly [host: string, warns: boolean, text: RegExp])[] = [
  ['203.0.113.9', true, /^an address, not a name$/],
  ['2001:db8::1', true, /^an address/],
  ['api.anthropic.com.evil.test', true, /^contains api\.anthropic\.com and belongs to evil\.test: looks like it and is not$/],
  ['anthropic.com.evil.test', true, /^contains api\.anthropic\.com and belongs to evil\.test/],
  ['api-anthropic-com.evil.test', true, /hyphens and belongs to evil\.test/],
  ['anthropic-com.test', true, /hyphens/],
  ['api.anthropіc.com', true, /^looks like anthropic\.com and is not$/],
  ['api.аnthropic.com', true, /^looks like anthropic\.com/],
  ['api.anthrop1c.com', true, /^looks like anthropic\.com/],
  ['api.telegrarn.org', true, /^looks like telegram\.org/],
  ['api.anthropic.co', true, /^one letter away from anthropic\.com/],
  ['api.antropic.com', true, /^one letter away from anthropic\.com/],
  ['anthropci.com', true, /^one letter away from anthropic\.com/],
  ['ünrelated.test', true, /^a name in another script \(ünrelated\.test\)/],
  ['api.openai.com', false, /^a host of the preset openai$/],
  ['console.anthropic.com', false, /^another name of anthropic\.com, as the allowed api\.anthropic\.com is$/],
  ['example.test', false, /^a new domain$/],
  ['deep.under.example.test', false, /^a new domain, example\.test$/],
  ['notanthropic.com', false, /^a new domain$/],
];
for (const [host, warns, text] of NAMES) {
  test(`describeName: ${host} -> ${String(text).slice(1, -1)}`, () => {
    const ascii = /[^ -~]/.test(host) ? domainToASCII(host) : host;
    const note = describeName(ascii, ALLOWED);
    assert.match(note.text, text);
    assert.equal(note.isWarning, warns);
  });
}

test('describeName: an allowed host itself, whatever it is -> no look-alike of itself', () => {
  for (const host of ALLOWED.filter((one) => !one.startsWith('*') && !/\d$/.test(one)))
    assert.equal(describeName(host, ALLOWED).isWarning, false);
});

test('describeName: any host -> a note, never an exception', () => {
  fc.assert(fc.property(fc.domain(), (host) => describeName(host, ALLOWED).text.length > 0));
});

test('isOneEditAway: any one letter removed, added, changed or exchanged with its neighbour -> yes; the name itself -> no', () => {
  const name = fc.stringMatching(/^[a-z]{6,12}$/);
  fc.assert(
    fc.property(name, fc.nat(), fc.constantFrom('remove', 'add', 'change', 'exchange'), (text, where, kind) => {
      const at = where % (text.length - 1);
      const edits = {
        remove: text.slice(0, at) + text.slice(at + 1),
        add: `${text.slice(0, at)}0${text.slice(at)}`,
        change: `${text.slice(0, at)}0${text.slice(at + 1)}`,
        exchange: text.slice(0, at) + text.charAt(at + 1) + text.charAt(at) + text.slice(at + 2),
      };
      const edited = edits[kind];
      assert.equal(isOneEditAway(text, edited), edited !== text);
      assert.equal(isOneEditAway(edited, text), edited !== text);
    }),
  );
});

test('isOneEditAway: two letters -> no; short names -> no', () => {
  assert.deepEqual([isOneEditAway('anthropic.com', 'antropi.com'), isOneEditAway('x.ai', 'y.ai')], [false, false]);
});
