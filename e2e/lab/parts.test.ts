import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { addressBytes } from './address-bytes.ts';
import { makeAuthority } from './certificate.ts';
import { encodeReply, parseQuestion } from './dns-message.ts';
import { labIdentity } from './lab-argv.ts';
import { DEFAULT_RULES, messagesRequest, replyTo } from './model-script.ts';
import { netPlan } from './net-plan.ts';
import { Zone } from './zone.ts';

describe('certificate', () => {
  test('issue: a name and addresses -> verifies with the authority, for these only', () => {
    const authority = makeAuthority('lab', Date.now());
    const root = new X509Certificate(authority.certificate);
    const leaf = new X509Certificate(authority.issue(['api.anthropic.com', '198.51.100.10', '2001:db8::66']).certificate);
    assert.equal(root.ca, true);
    assert.equal(leaf.verify(root.publicKey), true);
    assert.equal(leaf.checkHost('api.anthropic.com'), 'api.anthropic.com');
    assert.equal(leaf.checkHost('evil.test'), undefined);
    assert.equal(leaf.checkIP('198.51.100.10'), '198.51.100.10');
    assert.equal(leaf.ca, false);
  });
});

test('addressBytes: literals -> their bytes', () => {
  assert.deepEqual([...addressBytes('198.51.100.10')], [198, 51, 100, 10]);
  assert.equal(addressBytes('2001:db8::66').toString('hex'), '20010db8000000000000000000000066');
  assert.equal(addressBytes('::1').toString('hex'), '00000000000000000000000000000001');
});

describe('dns', () => {
  const query = (name: string, type: number): Buffer =>
    Buffer.concat([
      Buffer.from('123401000001000000000000', 'hex'),
      ...name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
      Buffer.from([0, 0, type, 0, 1]),
    ]);
  test('parseQuestion: a question -> name, type', () => {
    const { name, type } = parseQuestion(query('Api.Test', 28)) ?? {};
    assert.deepEqual([name, type], ['api.test', 'AAAA']);
  });
  test('parseQuestion: any bytes -> never throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void parseQuestion(Buffer.from(bytes))));
  });
  test('encodeReply: other family -> no record, no error; unknown -> NXDOMAIN', () => {
    const asked = query('a.test', 28);
    const question = parseQuestion(asked);
    assert.ok(question);
    assert.equal(encodeReply(asked, question, ['1.1.1.1'], 0).readUInt16BE(6), 0);
    assert.equal(encodeReply(asked, question, undefined, 0)[3], 0x83);
  });
  test('zone: wildcard, exact, turns', () => {
    const zone = new Zone();
    assert.deepEqual(zone.addresses('x.y.evil.test', 'A'), ['198.51.100.66']);
    assert.equal(zone.addresses('nobody.test', 'A'), undefined);
    zone.set('Turn.test', { kind: 'turns', turns: [['1.1.1.1'], ['127.0.0.1']] });
    const seen = ['A', 'AAAA', 'A', 'A'].map((type) => zone.addresses('turn.test', type)?.[0]);
    assert.deepEqual(seen, ['1.1.1.1', '127.0.0.1', '127.0.0.1', '127.0.0.1']);
  });
});

describe('replyTo', () => {
  const of = (messages: unknown): string => JSON.stringify(replyTo(messagesRequest.parse({ model: 'm', messages }), DEFAULT_RULES));
  const cases = [
    { name: 'a rule fits', messages: [{ role: 'user', content: '[Sat] Run uname now' }], expected: /"command":"\/usr\/bin\/uname -n"/ },
    {
      name: 'internal context comes after the text',
      messages: [
        { role: 'user', content: 'run id' },
        { role: 'user', content: 'context' },
      ],
      expected: /\/usr\/bin\/id/,
    },
    {
      name: 'only the newest turn counts',
      messages: [
        { role: 'user', content: 'run id' },
        { role: 'assistant', content: 'no' },
        { role: 'user', content: 'hi' },
      ],
      expected: /hello/,
    },
    {
      name: 'a tool result',
      messages: [{ role: 'user', content: [{ type: 'tool_result', content: [{ type: 'text', text: 'nas' }] }] }],
      expected: /the tool said: nas/,
    },
    {
      name: 'a refused tool',
      messages: [{ role: 'user', content: [{ type: 'tool_result', is_error: true, content: 'exec denied' }] }],
      expected: /the tool refused: exec denied/,
    },
  ] as const;
  for (const { name, messages, expected } of cases)
    test(`replyTo: ${name} -> ${expected.source}`, () => assert.match(of(messages), expected));
});

test('labIdentity: who starts and what is asked -> how the command gets its number', () => {
  assert.deepEqual(labIdentity({ uid: 0, gid: 0 }, undefined), { kind: 'stay' });
  assert.deepEqual(labIdentity({ uid: 0, gid: 0 }, 5), { kind: 'drop', uid: 5, gid: 5 });
  assert.deepEqual(labIdentity({ uid: 7, gid: 8 }, undefined), { kind: 'nested', uid: 7, gid: 8 });
});

test('netPlan: the host -> one cable to the internet, everything unnamed unreachable', () => {
  const plan = netPlan({ hostNamespaceFile: '/n', ipv6: false });
  assert.ok(plan.host.includes('route add unreachable default metric 9999'));
  assert.equal(plan.internet.filter((line) => line.startsWith('link add')).length, 1);
  assert.equal(
    [...plan.host, ...plan.internet].some((line) => line.includes('default via')),
    false,
  );
});
