import fc from 'fast-check';
import { type DecisionEvent, GENESIS, openLine, sealLine } from '../../../policy/trail-line.ts';
import { readTail } from '../../trail.ts';
import { type FuzzTarget, fuzzTarget, must } from './fuzz-target.ts';
import { hostText, mutated } from './pieces.ts';

const words = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom('","hash":"', `","hash":"${GENESIS}"}`, '"}\n{"seq":1', '\u2028', '\ud800', '\r\n'),
);
const event: fc.Arbitrary<DecisionEvent> = fc.record({
  kind: fc.constant('decision'),
  client: fc.constantFrom('gateway-main', 'node-nas'),
  verdict: fc.constantFrom('allow', 'deny'),
  reason: fc.constantFrom('rule', 'no-rule'),
  via: fc.constantFrom('connect', 'http'),
  host: fc.oneof(
    hostText.map((text) => text.slice(0, 255)),
    words,
  ),
  port: fc.nat(65_535),
  detail: words,
});

const chain = fc.array(event, { minLength: 1, maxLength: 4 }).map((events) => {
  let prev = GENESIS;
  return events.map((one, index) => {
    const sealed = sealLine({ seq: index + 1, time: 5, prev }, one);
    prev = sealed.hash;
    return sealed.line;
  });
});

function checkSealed([lines, damaged]: readonly [readonly string[], Buffer]): void {
  for (const [index, line] of lines.entries()) {
    must(line.indexOf('\n') === line.length - 1, 'a line that is two');
    const opened = openLine(line.slice(0, -1));
    must(opened?.place.seq === index + 1, 'a sealed line does not open');
  }
  const known = new Set(lines.map((line) => line.slice(0, -1)));
  for (const line of damaged.toString('utf8').split('\n'))
    must(openLine(line) === undefined || known.has(line), 'a line that was changed opens');
}

/** The last whole line, found in the plainest way. */
function plainTail(bytes: Buffer): number {
  let end = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
    const from = at === 0 ? 0 : bytes.lastIndexOf(10, at - 1) + 1;
    if (openLine(bytes.toString('utf8', from, at))) end = at + 1;
  }
  return end;
}

function checkTail(bytes: Buffer): void {
  const tail = readTail(bytes);
  const end = plainTail(bytes);
  must(
    tail.size === bytes.length && tail.torn === bytes.length - end && (tail.head !== undefined) === end > 0,
    `the end is at ${end}, not ${bytes.length - tail.torn}`,
  );
}

const files = fc.oneof(
  mutated(chain.map((lines) => Buffer.from(lines.join('')))),
  fc.tuple(chain, fc.nat(3000)).map(([lines, at]) => Buffer.from(lines.join('')).subarray(0, at)),
  fc.array(fc.constantFrom('\n', '{', 'x', '\u0000'), { maxLength: 9 }).map((parts) => Buffer.from(parts.join(''))),
);

/** The trail's lines and what is left of them after a crash. */
export const trailTargets: readonly FuzzTarget[] = [
  fuzzTarget(
    'trail-line',
    3,
    chain.chain((lines) => fc.tuple(fc.constant(lines), mutated(fc.constant(Buffer.from(lines.join('')))))),
    checkSealed,
  ),
  fuzzTarget('trail-file', 3, files, checkTail),
];
