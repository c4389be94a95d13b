import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { authorizedLine, linkComment, parseKeyLine, parseLinkComment } from './authorized-line.ts';
import { generateLinkKey } from './link-key.ts';

const { publicKey } = generateLinkKey();
const link = { publicKey, gatewayPort: 18_789, deployment: 'home', node: 'nas' };

void test('authorizedLine: a link -> one port, no command, nothing backwards', () => {
  assert.equal(
    authorizedLine(link),
    `restrict,port-forwarding,permitopen="127.0.0.1:18789",permitlisten="127.0.0.1:1",command="/bin/false" ${publicKey} lobsterpot:home:nas`,
  );
});

void test('authorizedLine: what would break out of the line -> refused', () => {
  const bad = [
    { publicKey: 'hello' },
    { publicKey: `x ${publicKey}` },
    { gatewayPort: 0 },
    { gatewayPort: 65_536 },
    { gatewayPort: 1.5 },
    { deployment: 'a:b' },
    { node: 'a\nssh-rsa' },
  ];
  for (const one of bad) assert.throws(() => authorizedLine({ ...link, ...one }), TypeError);
});

void test('parseKeyLine: lines as sshd reads them -> options, key and comment', () => {
  const [type = '', blob = ''] = publicKey.split(' ');
  const key = { type, blob };
  const table: readonly (readonly [string, unknown])[] = [
    [publicKey, { options: '', key, comment: '' }],
    [`\t ${publicKey}  me at home \r\n`, { options: '', key, comment: 'me at home' }],
    [`command="echo \\"a b\\"",no-pty ${publicKey} x`, { options: 'command="echo \\"a b\\"",no-pty', key, comment: 'x' }],
    [
      `command="ssh-rsa AAAA lobsterpot:home:nas" ${publicKey} x`,
      { options: 'command="ssh-rsa AAAA lobsterpot:home:nas"', key, comment: 'x' },
    ],
    [authorizedLine(link), { options: authorizedLine(link).split(' ')[0], key, comment: 'lobsterpot:home:nas' }],
    [`# ${publicKey}`, undefined],
    ['', undefined],
    ['\r\n', undefined],
    [`command="open ${publicKey} x`, undefined],
    ['no key here', undefined],
  ];
  for (const [line, expected] of table) assert.deepEqual(parseKeyLine(line), expected, line);
});

void test('parseLinkComment: what linkComment made -> the same; any other -> undefined', () => {
  const name = { deployment: 'home', node: 'nas' };
  assert.deepEqual(parseLinkComment(linkComment(name)), name);
  for (const text of [
    '',
    'lobsterpot',
    'lobsterpot:home',
    'lobsterpot:home:',
    'lobsterpot:home:nas:x',
    'lobsterpot:home:nas x',
    'Lobsterpot:home:nas',
    ' lobsterpot:home:nas',
  ])
    assert.equal(parseLinkComment(text), undefined, text);
});

void test('parseKeyLine: any text -> never throws', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseKeyLine(text)));
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('"', '\\', ' ', 'a', '#', '\r') }), (text) => void parseKeyLine(`${text} ${publicKey}`)),
  );
});
