import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { editVersion } from './edit-version.ts';

const NEW = '2026.9.6';

for (const [what, text, edit, expected] of [
  ['plain', 'name: home\nopenclaw: 2026.9.4 # why\nhosts: {}\n', { openclaw: NEW }, 'name: home\nopenclaw: 2026.9.6 # why\nhosts: {}\n'],
  ['quoted', `openclaw: "2026.9.4"\nname: home\n`, { openclaw: NEW }, 'openclaw: 2026.9.6\nname: home\n'],
  [
    'absent',
    '# mine\nname: home # h\n\nhosts:\n  - x\n',
    { openclaw: NEW },
    '# mine\nname: home # h\nopenclaw: 2026.9.6\n\nhosts:\n  - x\n',
  ],
  ['with an image', 'name: a\nimage: x:1\nopenclaw: 2026.9.4', { openclaw: NEW, image: 'y:2' }, 'name: a\nimage: y:2\nopenclaw: 2026.9.6'],
  ['Windows line ends', 'name: a\r\nopenclaw: 2026.9.4\r\n', { openclaw: NEW }, 'name: a\r\nopenclaw: 2026.9.6\r\n'],
  [
    'an odd indentation elsewhere stays',
    'name: a\nopenclaw: 2026.9.4\nhosts:\n     b:   { connect:   local }\n',
    { openclaw: NEW },
    'name: a\nopenclaw: 2026.9.6\nhosts:\n     b:   { connect:   local }\n',
  ],
] as const) {
  test(`editVersion: ${what} -> nothing else changes`, () => {
    assert.equal(editVersion(text, edit), expected);
  });
}

test('editVersion: a file in braces -> the same values', () => {
  assert.deepEqual(parse(editVersion('{ name: a, hosts: { b: { connect: local } } }', { openclaw: NEW })), {
    name: 'a',
    hosts: { b: { connect: 'local' } },
    openclaw: NEW,
  });
});
