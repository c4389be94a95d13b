import fc from 'fast-check';
import { dnsFrame, readDnsFrame } from '../../dns-frame.ts';
import { readQuestion, refuseQuestion } from '../../dns-question.ts';
import { questionBytes } from '../question-bytes.ts';
import { type FuzzTarget, fuzzTarget, must } from './fuzz-target.ts';
import { mutated } from './pieces.ts';

const label = fc.oneof(
  fc.constantFrom('api', 'test', 'xn--bcher-kva', '_443', '\u0000', '\n', '\\', '"', '\u001b[2J', 'A'.repeat(63), 'b'.repeat(64)),
  fc.uint8Array({ minLength: 1, maxLength: 63 }).map((bytes) => Buffer.from(bytes).toString('latin1').replaceAll('.', '-')),
);
const honest = fc
  .record({
    labels: fc.array(label, { maxLength: 8 }),
    type: fc.oneof(fc.constantFrom(1, 16, 28, 65, 255), fc.nat(0xffff)),
    flags: fc.constantFrom(0x0100, 0x0100, 0x0120, 0x8180, 0x2800, 0xffff),
    kind: fc.constantFrom(1, 1, 1, 3, 255),
    questions: fc.constantFrom(1, 1, 1, 0, 2, 0xffff),
    additional: fc.constantFrom(0, 0, 1, 9),
    behind: fc.constantFrom(Buffer.alloc(0), Buffer.from([0, 0, 41, 4, 0, 0, 0, 0, 0, 0, 0]), Buffer.alloc(700, 0xc0)),
  })
  .map(({ labels, type, ...more }) => questionBytes(labels.join('.'), type, more));
const messages = fc.oneof(honest, mutated(honest), mutated(fc.constant(Buffer.from('4c500100000100000000000001780474657374c00c', 'hex'))));

function check(message: Buffer): void {
  const question = readQuestion(message);
  if (!('malformed' in question)) {
    must(/^[a-z0-9_.\\-]{1,255}$/.test(question.name), 'a name that is not plain text');
    must(/^[A-Z0-9]{1,9}$/.test(question.type) && (question.odd ?? '').length < 60, 'a word that is not plain or too long');
    must(question.end <= message.length && question.end <= 12 + 255 + 4, 'a question longer than one can be');
    must(question.odd !== undefined || message.readUInt16BE(4) === 1, 'other than one question, and nothing is odd');
  }
  if (message.length < 12) return;
  const answer = refuseQuestion(message, question);
  must(answer.length <= message.length, 'an answer longer than its question could be used against somebody else');
  must((answer.readUInt16BE(2) & 0x8000) !== 0 && [1, 5].includes(answer.readUInt16BE(2) & 15), 'an answer that does not refuse');
  must(answer.readUInt16BE(0) === message.readUInt16BE(0), 'an answer to another question');
  must(answer.readUInt32BE(6) === 0 && answer.readUInt16BE(10) === 0, 'an answer with a record in it');
  const frame = readDnsFrame(Buffer.concat([dnsFrame(answer), message]));
  must(frame !== undefined && 'message' in frame && frame.message.equals(answer), 'a frame that is read as another');
}

/** What clients ask the sinkhole. */
export const questionTargets: readonly FuzzTarget[] = [fuzzTarget('question', 2, messages, check)];
