import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { editAuthorizedKeys } from './authorized-keys.ts';
import { authorizedLine } from './authorized-line.ts';
import { generateLinkKey } from './link-key.ts';

const deployment = 'home';
const keyOf = { nas: generateLinkKey().publicKey, attic: generateLinkKey().publicKey, mine: generateLinkKey().publicKey };
const nas = authorizedLine({ publicKey: keyOf.nas, gatewayPort: 18_789, deployment, node: 'nas' });
const attic = authorizedLine({ publicKey: keyOf.attic, gatewayPort: 18_789, deployment, node: 'attic' });
const old = authorizedLine({ publicKey: generateLinkKey().publicKey, gatewayPort: 1234, deployment, node: 'nas' });
const other = authorizedLine({ publicKey: generateLinkKey().publicKey, gatewayPort: 1234, deployment: 'office', node: 'nas' });
const mine = `${keyOf.mine} me@laptop`;
const nothing = { written: [], removed: [], weaker: [] };

const TABLE = [
  ['an empty file', '', [nas], { ...nothing, text: `${nas}\n`, written: ['nas'] }],
  ['already there', `${mine}\n${nas}\n`, [nas], { ...nothing, text: `${mine}\n${nas}\n` }],
  ['no final newline', mine, [nas], { ...nothing, text: `${mine}\n${nas}\n`, written: ['nas'] }],
  ['no final newline, nothing wanted', mine, [], { ...nothing, text: mine }],
  ['ours without a final newline', nas, [nas], { ...nothing, text: `${nas}\n`, written: ['nas'] }],
  ['lines of Windows', `${mine}\r\n# x\r\n`, [nas], { ...nothing, text: `${mine}\r\n# x\r\n${nas}\n`, written: ['nas'] }],
  ['ours, an older one', `# a\n${old}\n${mine}\n`, [nas], { ...nothing, text: `# a\n${nas}\n${mine}\n`, written: ['nas'] }],
  ['ours, twice', `${nas}\n${old}\n`, [nas], { ...nothing, text: `${nas}\n`, removed: ['nas'] }],
  ['a node that is gone', `${attic}\n${nas}\n`, [nas], { ...nothing, text: `${nas}\n`, removed: ['attic'] }],
  ['two nodes, one is new', `${attic}\n`, [nas, attic], { ...nothing, text: `${attic}\n${nas}\n`, written: ['nas'] }],
  ['none is wanted', `${mine}\n${nas}\n${other}\n`, [], { ...nothing, text: `${mine}\n${other}\n`, removed: ['nas'] }],
  ['the key with no options', `${mine}\n${keyOf.nas} me\n${nas}\n`, [nas], { ...nothing, text: `${mine}\n${nas}\n`, weaker: [2] }],
  ['the key with weak options', `restrict,pty ${keyOf.nas}\r\n${nas}\n`, [nas], { ...nothing, text: `${nas}\n`, weaker: [1] }],
  [
    'the key in a line that only sshd may read',
    `command="x ${keyOf.nas}\n`,
    [nas],
    { ...nothing, text: `${nas}\n`, written: ['nas'], weaker: [1] },
  ],
  ['the key in a comment', `# ${keyOf.nas}\n`, [nas], { ...nothing, text: `# ${keyOf.nas}\n${nas}\n`, written: ['nas'] }],
  ['another deployment', `${other}\n`, [nas], { ...nothing, text: `${other}\n${nas}\n`, written: ['nas'] }],
] as const;

for (const [name, text, lines, expected] of TABLE) {
  void test(`editAuthorizedKeys: ${name} -> as wanted, and a second time nothing`, () => {
    const first = editAuthorizedKeys(text, { deployment, lines });
    assert.deepEqual(first, expected);
    assert.deepEqual(editAuthorizedKeys(first.text, { deployment, lines }), { ...nothing, text: first.text });
  });
}

void test('editAuthorizedKeys: a line of another deployment is wanted -> refused', () => {
  assert.throws(() => editAuthorizedKeys('', { deployment, lines: [other] }), TypeError);
});

const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
const anyLine = fc.oneof(
  fc.string({ unit: byte }).map((text) => text.replaceAll('\n', '')),
  fc.constantFrom(mine, other, '', '# comment', `command="a b" ${keyOf.mine}`),
);
const foreign = fc.array(fc.tuple(anyLine, fc.constantFrom('\n', '\r\n')).map((pair) => pair.join('')));
const ours = fc.constantFrom(nas, attic, old);
const wanted = fc.constantFrom([], [nas], [attic], [nas, attic]);

void test('editAuthorizedKeys: ours among any bytes -> the others stay, byte for byte and in order; a second time nothing', () => {
  fc.assert(
    fc.property(foreign, fc.array(fc.tuple(fc.nat(), ours)), wanted, (others, inserted, lines) => {
      const all = [...others];
      for (const [at, line] of inserted) all.splice(at % (all.length + 1), 0, `${line}\n`);
      const { text } = editAuthorizedKeys(all.join(''), { deployment, lines });
      const left = [nas, attic].reduce((rest, line) => rest.replace(`${line}\n`, ''), text);
      assert.equal(left, others.join(''));
      for (const line of [nas, attic]) assert.equal(text.split(line).length - 1, lines.some((one) => one === line) ? 1 : 0);
      assert.deepEqual(editAuthorizedKeys(text, { deployment, lines }), { ...nothing, text });
    }),
  );
});

void test('editAuthorizedKeys: any text without a final newline -> it stays whole at the front', () => {
  fc.assert(
    fc.property(fc.string({ unit: byte }), (before) => {
      const { text } = editAuthorizedKeys(before, { deployment, lines: [nas] });
      assert.ok(text.startsWith(before));
      assert.ok(text.endsWith(`${nas}\n`));
    }),
  );
});
