import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem, Problems } from '../../core/problem.ts';
import { parseDeployment } from '../../topology/parse-deployment.ts';
import { lineDiff, moreThan, savingOf } from './save.ts';

const FILE = `name: home
hosts: { here: {} }
gateways:
  main: { host: here }
nodes:
  nas: { host: here, gateway: main }
egress:
  allow:
    - a.test # known
`;
const PATH = '/nowhere/lobsterpot.yaml';
const read = (text: string) => parseDeployment(text, { file: PATH, readFile: () => Buffer.alloc(0) });

test('savingOf: a new host -> one line more, shown with its number', () => {
  const { text, diff } = savingOf(FILE, PATH, { host: 'b.test', port: 443 }, undefined);
  assert.equal(text, `${FILE}    - b.test\n`);
  assert.deepEqual(diff, ['   10 +     - b.test']);
});

test('savingOf: for one client, until then -> exactly that', () => {
  const until = Date.UTC(2026, 11, 31);
  const { text } = savingOf(FILE, PATH, { host: 'b.test', port: 443, client: 'nas', until }, 'node-nas');
  assert.deepEqual(read(text).egress.allow.at(-1), { host: 'b.test', port: 443, client: 'node-nas', until, source: 'lobsterpot.yaml' });
});

test('savingOf: what the file allows already -> nothing to write; only for one client -> that is another rule', () => {
  assert.deepEqual(savingOf(FILE, PATH, { host: 'a.test', port: 443 }, undefined), { text: FILE, diff: [] });
  assert.equal(savingOf(FILE, PATH, { host: 'a.test', port: 443, client: 'nas' }, 'node-nas').diff.length, 1);
});

test('savingOf: a place that cannot be added to -> a Problem with what to write', () => {
  const text = FILE.replace('    - a.test # known\n', '    *list\n').replace('name: home', 'name: &list home');
  assert.throws(
    () => savingOf(text, PATH, { host: 'b.test', port: 443 }, undefined),
    (error) => error instanceof Problem || error instanceof Problems,
  );
});

const wanted = { host: 'b.test', port: 443 };
const MORE: readonly (readonly [situation: string, after: string | undefined, fault: RegExp | undefined])[] = [
  ['just the rule', `${FILE}    - b.test\n`, undefined],
  ['no file any more', undefined, /could not be read/],
  ['nothing', FILE, /allow something else/],
  ['another host', `${FILE}    - c.test\n`, /allow something else/],
  ['its sub-domains too', `${FILE}    - b.test\n    - "*.b.test"\n`, /allow something else/],
  ['another port', `${FILE}    - b.test:80\n`, /allow something else/],
  ['a rule less', FILE.replace('a.test # known', 'b.test'), /another rule would be gone/],
  ['report mode', `${FILE}    - b.test\n  mode: report\n`, /something else of the file/],
  ['a denial', `${FILE}    - b.test\n  deny: [ c.test ]\n`, /something else of the file/],
  ['another gateway', `${FILE}    - b.test\n`.replace('  main: {', '  other: { host: here }\n  main: {'), /something else of the file/],
];
for (const [situation, after, fault] of MORE) {
  test(`moreThan: ${situation} -> ${fault ? String(fault) : 'nothing more'}`, () => {
    const found = moreThan(read(FILE), after === undefined ? undefined : read(after), wanted);
    if (fault) assert.match(found ?? '', fault);
    else assert.equal(found, undefined);
  });
}

test('lineDiff: a changed line -> both, a repeated one -> the added one alone', () => {
  assert.deepEqual(lineDiff('a\nb\nc\n', 'a\nx\nc\n'), ['    2 - b', '    2 + x']);
  assert.deepEqual(lineDiff('a\na\n', 'a\na\na\n'), ['    3 + a']);
});
