import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { faults } from './house-rules.mjs';
import { root } from './root.mjs';

suite('faults', () => {
  const table = [
    ['a plain file', 'src/a/b-c.test.ts', 'const a = 1;\n', 0],
    ['300 lines', 'src/a.ts', 'x\n'.repeat(300), 0],
    ['301 lines', 'src/a.ts', 'x\n'.repeat(301), 1],
    ['a long document', 'docs/a.md', 'x\n'.repeat(900), 0],
    ['a name in capitals', 'src/MyFile.ts', '', 1],
    ['a path of this machine', 'docs/a.md', `see ${root}/src`, 1],
    ['a word that is not ours', 'src/a.ts', ['// the white', 'list'].join(''), 1],
    ['work that is left', 'src/a.ts', ['// TO', 'DO later'].join(''), 1],
  ];
  for (const [name, path, text, count] of table) test(`${name} -> ${count}`, () => assert.equal(faults(path, text).length, count));
});
