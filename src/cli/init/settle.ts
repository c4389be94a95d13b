import { EXIT } from '../../core/exit-code.ts';
import { Problem } from '../../core/problem.ts';
import { type Answers, type Key, KEYS, type SomeAnswers, topologyOf } from './answers.ts';
import { filled, type Machine, QUESTIONS, shownQuestion } from './questions.ts';

/** An answer as it is kept, or why it cannot be; `given` are those before it. */
export type Judge = (given: SomeAnswers, key: Key, typed: string) => { readonly value: string } | { readonly reason: string };

/** The same judge, to whom the name of a deployment that is on this machine already is no answer: two files with one name are refused later. */
export function notTaken({ deployments }: Machine, judge: Judge): Judge {
  return (given, key, typed) => {
    const file = key === 'name' ? deployments.get(typed.trim()) : undefined;
    return file === undefined ? judge(given, key, typed) : { reason: `the deployment of ${file} on this machine has this name` };
  };
}

const FLAGS: Readonly<Record<Key, string>> = {
  topology: '--hosts local,admin@nas.local',
  other: '--hosts local,admin@nas.local',
  dir: '--dir /volume1/docker/openclaw',
  account: '--link me@192.168.1.10',
  address: '--link me@192.168.1.10',
  provider: '--provider anthropic',
  model: '--model claude-sonnet-5',
  telegram: '--telegram 123456',
  credentials: '--credentials route',
  level: '--level locked',
  report: '--report',
  name: '--name home',
};

/** All answers without asking: what was given, and what Enter would take. Throws a Problem that names the option. Pure. */
export function settled(given: SomeAnswers, machine: Machine, judge: Judge): Answers {
  let known = checkedFlags(given, judge);
  const all = filled(known, machine);
  for (const key of KEYS) {
    if (known[key] !== undefined) {
      if (isOfAnother(key) && topologyOf(all) === 'this-machine') throw refused(key, 'the file has no other machine', FLAGS.other);
      continue;
    }
    if (!QUESTIONS[key].isAsked(filled(known, machine), machine)) continue;
    // What stands there otherwise is made up.
    if (key === 'other') throw refused(key, 'nothing names the other machine', FLAGS.other);
    const result = judge(known, key, filled(known, machine)[key]);
    if ('reason' in result) throw refused(key, result.reason, FLAGS[key]);
    known = { ...known, [key]: result.value };
  }
  return filled(known, machine);
}

/** The options as they are kept. Throws a Problem for the first that cannot be taken. Pure. */
export function checkedFlags(given: SomeAnswers, judge: Judge): SomeAnswers {
  let known: SomeAnswers = {};
  for (const key of KEYS) {
    const typed = given[key];
    if (typed === undefined) continue;
    const result = judge(known, key, typed);
    if ('reason' in result) throw refused(key, result.reason, FLAGS[key]);
    known = { ...known, [key]: result.value };
  }
  return known;
}

/** Asks for what is not given, one question after the other, each again until its answer can be taken. */
export async function interview(
  ask: (text: string) => Promise<string>,
  tell: (text: string) => void,
  how: { readonly given: SomeAnswers; readonly machine: Machine; readonly judge: Judge },
): Promise<Answers> {
  const { machine, judge } = how;
  let known = checkedFlags(how.given, judge);
  for (const key of KEYS) {
    const question = QUESTIONS[key];
    const answers = filled(known, machine);
    if (known[key] !== undefined || !question.isAsked(answers, machine)) continue;
    const text = shownQuestion(question, answers, machine);
    let result: ReturnType<Judge> = { reason: '' };
    while ('reason' in result) {
      const typed = (await ask(text)).trim();
      result = judge(known, key, typed === '' ? question.fallback(answers, machine) : typed);
      if ('reason' in result) tell(`  that cannot be taken: ${result.reason}\n`);
    }
    known = { ...known, [key]: result.value };
  }
  return filled(known, machine);
}

function isOfAnother(key: Key): boolean {
  return key === 'dir' || key === 'account' || key === 'address';
}

function refused(key: Key, cause: string, flag: string): Problem {
  return new Problem('init/answer', `no file was written: the ${LONG[key] ?? key} cannot be taken`, {
    cause,
    fix: `give it as in: npx lobsterpot init ${flag}`,
    exit: EXIT.usage,
  });
}

const LONG: Readonly<Partial<Record<Key, string>>> = {
  other: 'other machine',
  dir: 'folder on the other machine',
  account: 'account for the link',
  address: 'address of this machine',
  telegram: 'list of Telegram accounts',
};
