import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Problem } from '../../core/problem.ts';
import { type Answers, EXAMPLE_ANSWERS, type SomeAnswers } from './answers.ts';
import { answersOf, type Flags } from './flags.ts';
import { judged } from './judge.ts';
import type { Machine } from './questions.ts';
import { interview, type Judge, notTaken, settled } from './settle.ts';
import { EXAMPLES } from './testing/examples.ts';

const MACHINE: Machine = { account: 'me', address: '192.0.2.5', deployments: new Map() };
const judge: Judge = (given, key, typed) => judged(EXAMPLES, given, key, typed, { docker: false, port: 18_789 });
const DEFAULT: Answers = { ...EXAMPLE_ANSWERS, address: '192.0.2.5', telegram: 'none' };

/** Answers in the order of the questions; what is left of them, what was asked and what was said. */
async function asked(given: SomeAnswers, lines: readonly string[], machine = MACHINE) {
  const left = [...lines];
  const questions: string[] = [];
  const told: string[] = [];
  const ask = async (text: string): Promise<string> => {
    questions.push(text);
    const line = left.shift();
    if (line === undefined) throw new Error(`nothing is left to answer:${text}`);
    return line;
  };
  const answers = await interview(ask, (text) => told.push(text), { given, machine, judge: notTaken(machine, judge) });
  return { answers, left, questions, told };
}

suite('interview', () => {
  test('Enter alone -> seven questions, and what --yes gives', async () => {
    const { answers, questions, told } = await asked(
      {},
      Array.from({ length: 7 }, () => ''),
    );
    assert.deepEqual(answers, DEFAULT);
    assert.deepEqual(answers, settled({}, MACHINE, judge));
    assert.deepEqual([questions.length, told], [7, []]);
    for (const text of questions) assert.match(text, /\[[^\]]+\] > $/);
  });

  test('another machine -> asked for with folder, account and address', async () => {
    const { answers, left } = await asked({}, ['2', 'bob@pi', '-', '', '', 'openai', '', '7', '', '', '1']);
    assert.deepEqual(left, []);
    assert.deepEqual(answers, {
      ...DEFAULT,
      topology: 'one-cluster',
      other: 'bob@pi',
      dir: '-',
      provider: 'openai',
      model: 'gpt-5.5',
      telegram: '7',
    });
  });

  test('an answer that cannot be taken -> the reason, and the same question again', async () => {
    const { answers, questions, told } = await asked({}, ['9', '', '', 'two words', 'm', '@x', '7', '', '', '']);
    assert.deepEqual([answers.model, answers.telegram], ['m', '7']);
    assert.equal(questions[0], questions[1]);
    assert.deepEqual(
      told.map((text) => /^ {2}that cannot be taken: \w/.test(text)),
      [true, true, true],
    );
  });

  test('no address of this machine is known -> Enter does not answer that', async () => {
    const { answers, told } = await asked({ topology: 'one-cluster', other: 'pi' }, ['', '', '', '192.0.2.9', '', '', '', '', '', ''], {
      account: 'me',
      deployments: new Map(),
    });
    assert.deepEqual([answers.address, told.length], ['192.0.2.9', 1]);
  });

  test('what an option says -> not asked; open -> nothing about report mode', async () => {
    const { questions } = await asked(answersOf({ hosts: 'local', provider: 'openai', telegram: 'none', credentials: 'file' }), ['', '3']);
    assert.equal(questions.length, 2);
  });

  test('home is here already -> the name is asked for, home is no answer, Enter takes a free one', async () => {
    const machine = { ...MACHINE, deployments: new Map([['home', 'old.yaml']]) };
    const { answers, questions, told } = await asked({}, ['', '', '', '', '', '', '', 'home', ''], machine);
    assert.match(questions.at(-1) ?? '', /home is the deployment of old\.yaml.*\[home-2\] > $/s);
    assert.match(told.join(''), /the deployment of old\.yaml on this machine has this name/);
    assert.equal(answers.name, 'home-2');
    assert.deepEqual(answers, settled({}, machine, notTaken(machine, judge)));
    assert.throws(() => settled({ name: 'home' }, machine, notTaken(machine, judge)), /the name cannot be taken/);
  });
});

const FLAGS: readonly (readonly [flags: Flags, answers: Partial<Answers>])[] = [
  [{}, {}],
  [{ hosts: 'local' }, {}],
  [{ hosts: 'this-machine' }, {}],
  [{ hosts: 'local,bob@pi' }, { topology: 'one-cluster', other: 'bob@pi' }],
  [
    { hosts: 'bob@pi, local', twoGateways: true, dir: '-' },
    { topology: 'two-gateways', other: 'bob@pi', dir: '-' },
  ],
  [
    { hosts: 'local,pi', link: 'bob@192.0.2.1' },
    { topology: 'one-cluster', other: 'pi', account: 'bob', address: '192.0.2.1' },
  ],
  [
    { provider: 'google', report: true, level: 'balanced', name: 'x' },
    { provider: 'google', model: 'gemini-3.5-flash', report: 'yes', level: 'balanced', name: 'x' },
  ],
  [
    { provider: 'openrouter', model: 'a/b', telegram: '1,2', credentials: 'file' },
    { provider: 'openrouter', model: 'a/b', telegram: '1,2', credentials: 'file' },
  ],
];
for (const [flags, answers] of FLAGS) {
  test(`settled: ${JSON.stringify(flags)} -> that, and the rest as Enter takes it`, () => {
    assert.deepEqual(settled(answersOf(flags), MACHINE, judge), { ...DEFAULT, ...answers });
  });
}

const REFUSED: readonly (readonly [flags: Flags, cause: RegExp, fix: RegExp])[] = [
  [{ hosts: 'bob@pi' }, /this machine, and at most one more/, /--hosts local,admin@nas\.local/],
  [{ hosts: 'local,a,b' }, /at most one more/, /--hosts/],
  [{ hosts: 'local', twoGateways: true }, /two machines/, /--two-gateways --hosts/],
  [{ twoGateways: true }, /nothing names the other machine/, /--hosts/],
  [{ dir: '/srv/x' }, /no other machine/, /--hosts/],
  [{ link: 'me@192.0.2.1' }, /no other machine/, /--hosts/],
  [{ hosts: 'local,pi', link: '192.0.2.1' }, /no account and address/, /--link me@/],
  [{ hosts: 'local,pi', link: 'me@127.0.0.1' }, /is pi itself/, /--link/],
  [{ provider: 'nobody' }, /one of anthropic/, /--provider anthropic/],
  [{ model: 'two words' }, /without spaces/, /--model/],
  [{ telegram: '@me' }, /not a @name/, /--telegram 123456/],
  [{ level: 'high' }, /one of locked/, /--level locked/],
  [{ credentials: '' }, /one of route, file/, /--credentials/],
  [{ name: 'A' }, /a lower-case letter/, /--name home/],
];
for (const [flags, cause, fix] of REFUSED) {
  test(`settled: ${JSON.stringify(flags)} -> refused, with the option to write`, () => {
    assert.throws(
      () => settled(answersOf(flags), MACHINE, judge),
      (thrown: unknown) => thrown instanceof Problem && cause.test(thrown.why) && fix.test(thrown.fix) && thrown.exit === 3,
    );
  });
}

test('settled: no address of this machine is known, and none is given -> refused', () => {
  assert.throws(() => settled(answersOf({ hosts: 'local,pi' }), { deployments: new Map() }, judge), /account for the link cannot be taken/);
});

test('answersOf: every option that answers a question -> no more than it says', () => {
  assert.deepEqual(answersOf({ report: false }), {});
  assert.deepEqual(Object.keys(answersOf({ hosts: 'local,pi', link: 'a@b', dir: '-', name: 'x' })).toSorted(), [
    'account',
    'address',
    'dir',
    'name',
    'other',
    'topology',
  ]);
});
