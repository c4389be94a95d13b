import { Problems } from '../../core/problem.ts';
import type { Deployment } from '../../topology/deployment.ts';
import { parseDeployment } from '../../topology/parse-deployment.ts';
import { type Answers, EXAMPLE_ANSWERS, type Key, KEYS, type SomeAnswers, topologyOf } from './answers.ts';
import { compose, type Examples, type Place } from './compose.ts';
import { chosen, QUESTIONS } from './questions.ts';

/** A file that is about to be written, and what it says. */
export type Draft = { readonly text: string; readonly deployment: Deployment };

/** The file for these answers, read by the loader; throws Problems where it would be refused. */
export function draft(examples: Examples, answers: Answers, place: Place): Draft {
  const text = compose(examples, answers, place);
  const readFile = (): never => {
    throw new TypeError('the file names no other');
  };
  return { text, deployment: parseDeployment(text, { file: 'lobsterpot.yaml', readFile }) };
}

/**
 * An answer as it is to be kept, or why it cannot be: the loader reads the file with it, beside the answers before it and those of the
 * example for what is still to come.
 */
export function judged(
  examples: Examples,
  given: SomeAnswers,
  key: Key,
  typed: string,
  place: Place,
): { readonly value: string } | { readonly reason: string } {
  const { choices } = QUESTIONS[key];
  const value = choices ? chosen(choices, typed.trim()) : typed.trim();
  if (value === undefined) return { reason: `it is one of ${(choices ?? []).map((one) => one.value).join(', ')}, or its number` };
  const before = Object.fromEntries(
    KEYS.slice(0, KEYS.indexOf(key)).flatMap((one) => (given[one] === undefined ? [] : [[one, given[one]]])),
  );
  try {
    draft(examples, inContext({ ...EXAMPLE_ANSWERS, ...before, [key]: value }, key), place);
    return { value };
  } catch (thrown) {
    if (thrown instanceof Problems) return { reason: thrown.all[0]?.why ?? thrown.message };
    throw thrown;
  }
}

/** With a file in which the answer stands at all: that of another machine is in no file of one. */
function inContext(answers: Answers, key: Key): Answers {
  const needsTwo = key === 'other' || key === 'dir' || key === 'account' || key === 'address';
  return needsTwo && topologyOf(answers) === 'this-machine' ? { ...answers, topology: 'one-cluster' } : answers;
}
