import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import fc from 'fast-check';
import { parse } from 'yaml';

import { yamlText } from './yaml-text.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('yes', 'NO', 'null', '0x10', '1e3', '~', '- a', 'a: b', '#', '$x', '', ' ', '\t', '\u0085', '12:30:00'),
);
const scalar = fc.oneof(text, fc.integer(), fc.boolean());
const value = fc.oneof(
  scalar,
  fc.array(scalar, { minLength: 1, maxLength: 4 }),
  fc.dictionary(text, scalar, { minKeys: 1, maxKeys: 4 }),
  fc.array(fc.dictionary(text, scalar, { minKeys: 1, maxKeys: 3 }), { minLength: 1, maxLength: 3 }),
);

suite('yamlText', () => {
  for (const version of ['1.1', '1.2'] as const) {
    test(`any mapping -> read back as YAML ${version}, the same`, () => {
      fc.assert(
        fc.property(fc.dictionary(text, value, { minKeys: 1, maxKeys: 4 }), (mapping) => {
          // A map, for `<<` and `__proto__` are keys like others here.
          const read: unknown = parse(yamlText(mapping), { version, merge: false, uniqueKeys: true, maxAliasCount: 0 });
          assert.deepEqual(plain(read), plain(mapping));
        }),
      );
    });
  }

  test('absent and empty members -> left out', () => {
    assert.equal(
      yamlText({ a: undefined, b: [], c: {}, d: 'e', f: [{ g: 1, h: ['i'] }, 'j'] }),
      'd: e\nf:\n  - g: 1\n    h:\n      - i\n  - j\n',
    );
  });
});

function plain(of: unknown): unknown {
  return JSON.parse(JSON.stringify(of));
}
