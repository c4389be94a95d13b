import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { addAllowed } from './edit-allow.ts';

const HEAD = '# my machines\nname: home   # at home\nhosts:\n  here: {}\ngateways:\n  main: { host: here }\n';
const rule = { host: 'new.test', port: 443 };

const FILES: readonly (readonly [situation: string, before: string, after: string])[] = [
  ['no egress at all', HEAD, `${HEAD}egress:\n  allow:\n    - new.test\n`],
  ['no newline at the end', HEAD.trimEnd(), `${HEAD}egress:\n  allow:\n    - new.test\n`],
  ['an empty egress', `${HEAD}egress: # later\n`, `${HEAD}egress: # later\n  allow:\n    - new.test\n`],
  [
    'an egress without allow',
    `${HEAD}egress:\n    # for a day\n    mode: report\n`,
    `${HEAD}egress:\n    # for a day\n    allow:\n      - new.test\n    mode: report\n`,
  ],
  [
    'an empty allow',
    `${HEAD}egress:\n  allow:   # nothing\n  mode: enforce\n`,
    `${HEAD}egress:\n  allow:   # nothing\n    - new.test\n  mode: enforce\n`,
  ],
  [
    'a list in lines, with comments, and more behind it',
    `${HEAD}egress:\n  allow:\n  - a.test # first\n\n  - { preset: telegram }   # chat\n  # the end\n  mode: enforce\n`,
    `${HEAD}egress:\n  allow:\n  - a.test # first\n\n  - { preset: telegram }   # chat\n  - new.test\n  # the end\n  mode: enforce\n`,
  ],
  [
    'an entry of several lines at the end',
    `${HEAD}egress:\n  allow:\n    - host: a.test\n      client: main # its own\n\n# behind\nnodes: {}\n`,
    `${HEAD}egress:\n  allow:\n    - host: a.test\n      client: main # its own\n    - new.test\n\n# behind\nnodes: {}\n`,
  ],
  ['single quotes', `${HEAD}egress:\n  allow:\n    - 'a.test'\n`, `${HEAD}egress:\n  allow:\n    - 'a.test'\n    - 'new.test'\n`],
  [
    'a list in one line',
    `${HEAD}egress:\n  allow: [ a.test, "b.test" ] # two\n`,
    `${HEAD}egress:\n  allow: [ a.test, "b.test", "new.test" ] # two\n`,
  ],
  ['an empty list', `${HEAD}egress:\n  allow: []\n`, `${HEAD}egress:\n  allow: [ new.test ]\n`],
  ['all in one line', `${HEAD}egress: { mode: enforce }\n`, `${HEAD}egress: { mode: enforce, allow: [ new.test ] }\n`],
  [
    'all in one line, with a list',
    `${HEAD}egress: { allow: [ a.test ], mode: enforce }\n`,
    `${HEAD}egress: { allow: [ a.test, new.test ], mode: enforce }\n`,
  ],
  [
    'a list over several lines',
    `${HEAD}egress:\n  allow: [\n    a.test, # one\n    b.test\n  ]\n`,
    `${HEAD}egress:\n  allow: [\n    a.test, # one\n    b.test, new.test\n  ]\n`,
  ],
  [
    'lines as Windows ends them',
    `${HEAD}egress:\n  allow:\n    - a.test\n`.replaceAll('\n', '\r\n'),
    `${HEAD}egress:\n  allow:\n    - a.test\n    - new.test\n`.replaceAll('\n', '\r\n'),
  ],
];
for (const [situation, before, after] of FILES) {
  test(`addAllowed: ${situation} -> one entry more, every other byte as it was`, () => {
    assert.equal(addAllowed(before, rule), after);
  });
}

const ENTRIES: readonly (readonly [situation: string, rule: Parameters<typeof addAllowed>[1], entry: string])[] = [
  ['a port', { host: 'new.test', port: 8443 }, '"new.test:8443"'],
  ['sub-domains', { host: '*.new.test', port: 443 }, '"*.new.test"'],
  ['an address', { host: '2001:db8::1', port: 443 }, '"[2001:db8::1]"'],
  ['a client', { ...rule, client: 'nas' }, '{ host: new.test, client: nas }'],
  [
    'a client, a port and an end',
    { host: 'new.test', port: 80, client: 'nas', until: 0 },
    '{ host: "new.test:80", client: nas, until: 1970-01-01T00:00:00.000Z }',
  ],
];
for (const [situation, given, entry] of ENTRIES) {
  test(`addAllowed: ${situation} -> ${entry}`, () => {
    assert.equal(addAllowed(HEAD, given), `${HEAD}egress:\n  allow:\n    - ${entry}\n`);
  });
}

for (const [situation, text] of [
  ['a list that is an alias', `x: &list [ a.test ]\n${HEAD}egress:\n  allow: *list\n`],
  ['a text in its place', `${HEAD}egress: none\n`],
  ['the whole file in one line', '{ name: home }\n'],
] as const) {
  test(`addAllowed: ${situation} -> nothing to add to`, () => {
    assert.equal(addAllowed(text, rule), undefined);
  });
}

test('addAllowed: any list -> the same values and the new one, whatever its layout', () => {
  const indent = fc.integer({ min: 0, max: 6 }).map((width) => ' '.repeat(width));
  const item = fc.constantFrom('a.test', "'b.test'", '"c.test:80"', '{ preset: telegram }', '{ host: d.test, client: main }');
  fc.assert(
    fc.property(
      fc.array(item, { minLength: 1, maxLength: 6 }),
      indent,
      fc.boolean(),
      fc.constantFrom('', ' # why', '\n'),
      (items, space, flow, behind) => {
        const list = flow ? ` [ ${items.join(', ')} ]${behind}\n` : `\n${items.map((one) => `  ${space}- ${one}${behind}\n`).join('')}`;
        const text = `${HEAD}egress:\n  allow:${list}  mode: enforce\n`;
        const after = addAllowed(text, rule) ?? '';
        const [was, is] = [parse(text), parse(after)];
        assert.deepEqual(is, { ...was, egress: { ...was.egress, allow: [...was.egress.allow, 'new.test'] } });
        const lines = after.split('\n');
        if (!flow) for (const line of text.split('\n')) assert.ok(lines.includes(line));
      },
    ),
  );
});
