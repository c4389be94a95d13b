import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readQuestion, refuseQuestion } from './dns-question.ts';
import { questionBytes } from './testing/question-bytes.ts';

const long = (labels: number): string => Array.from({ length: labels }, () => 'a'.repeat(63)).join('.');

const READ: readonly (readonly [situation: string, message: Buffer, name: string, type: string, odd?: string])[] = [
  ['a host', questionBytes('Api.Example.COM', 1), 'api.example.com', 'A'],
  ['a text', questionBytes('x.test', 16), 'x.test', 'TXT'],
  ['the root', questionBytes('', 2), '.', 'NS'],
  ['a type without a name', questionBytes('x.test', 65_280), 'x.test', 'TYPE65280'],
  ['bytes of no host name', questionBytes('a\u0000 \\\u001b[31m.t', 1), 'a\\000\\032\\092\\027\\09131m.t', 'A'],
  ['a name of full length', questionBytes(`${long(3)}.${'b'.repeat(61)}`, 1), `${long(3)}.${'b'.repeat(61)}`, 'A'],
  ['EDNS behind it', questionBytes('x.test', 1, { additional: 1, behind: Buffer.from([0, 0, 41, 4, 0, 0, 0, 0, 0, 0, 0]) }), 'x.test', 'A'],
  ['another class', questionBytes('version.bind', 16, { kind: 3 }), 'version.bind', 'TXT', 'class 3'],
  ['two questions', questionBytes('x.test', 1, { questions: 2 }), 'x.test', 'A', '2 questions'],
  ['an answer', questionBytes('x.test', 1, { flags: 0x8180 }), 'x.test', 'A', 'not a query'],
  ['an update', questionBytes('x.test', 6, { flags: 0x2800 }), 'x.test', 'SOA', 'not a query'],
  ['bytes behind it', questionBytes('x.test', 1, { behind: Buffer.alloc(9) }), 'x.test', 'A', '9 bytes behind the question'],
];
for (const [situation, message, name, type, odd] of READ) {
  test(`readQuestion: ${situation} -> ${type} ${odd ?? ''}`, () => {
    const question = readQuestion(message);
    assert.ok(!('malformed' in question), JSON.stringify(question));
    assert.deepEqual([question.name, question.type, question.odd], [name, type, odd]);
  });
}

const BROKEN: readonly (readonly [situation: string, message: Buffer, why: RegExp])[] = [
  ['nothing', Buffer.alloc(0), /header/],
  ['a header alone', Buffer.alloc(12), /behind the name|does not end/],
  ['a label without its bytes', Buffer.concat([Buffer.alloc(12), Buffer.from([5, 97])]), /does not end/],
  ['a pointer', Buffer.concat([Buffer.alloc(12), Buffer.from([0xc0, 12, 0, 1, 0, 1])]), /label/],
  ['a pointer to itself behind a label', Buffer.concat([Buffer.alloc(12), Buffer.from([1, 97, 0xc0, 12, 0, 1, 0, 1])]), /label/],
  ['a name of 256 bytes', questionBytes(`${long(3)}.${'b'.repeat(62)}`, 1), /too long/],
  ['a type cut in two', questionBytes('x.test', 1).subarray(0, -3), /behind the name/],
];
for (const [situation, message, why] of BROKEN) {
  test(`readQuestion: ${situation} -> malformed`, () => {
    const question = readQuestion(message);
    assert.ok('malformed' in question);
    assert.match(question.malformed, why);
  });
}

test('readQuestion: any labels -> the text is plain, bounded, and told again by its bytes', () => {
  const label = fc.uint8Array({ minLength: 1, maxLength: 63 }).map((bytes) => Buffer.from(bytes).toString('latin1').replaceAll('.', 'x'));
  fc.assert(
    fc.property(fc.array(label, { minLength: 1, maxLength: 4 }), fc.integer({ min: 0, max: 0xffff }), (labels, type) => {
      fc.pre(labels.join('.').length <= 253);
      const question = readQuestion(questionBytes(labels.join('.'), type));
      assert.ok(!('malformed' in question));
      assert.match(question.name, /^[a-z0-9_.\\-]{1,255}$/);
      if (!question.name.endsWith('...')) {
        const bytes = question.name.replaceAll(/\\(\d{3})/g, (_all, code: string) => String.fromCodePoint(Number(code)));
        assert.equal(bytes, labels.map((one) => one.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())).join('.'));
      }
    }),
  );
});

test('refuseQuestion: a question -> REFUSED, its own number and question, no record; a broken one -> a format error', () => {
  const message = questionBytes('x.test', 1, { additional: 1, behind: Buffer.from([0, 0, 41, 4, 0, 0, 0, 0, 0, 0, 0]) });
  const answer = refuseQuestion(message, readQuestion(message));
  assert.equal(answer.toString('hex'), '4c5081050001000000000000017804746573740000010001');
  const broken = Buffer.from('4c500100000100000000000005', 'hex');
  assert.equal(refuseQuestion(broken, readQuestion(broken)).toString('hex'), '4c5081010000000000000000');
});
