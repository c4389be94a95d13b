import { EXIT, type ExitCode } from '../core/exit-code.ts';
import { stableJson } from '../core/json.ts';
import { plainText } from '../core/plain-text.ts';
import { Problem, Problems } from '../core/problem.ts';
import { red, type Io } from './io.ts';

/** Prints what went wrong (three lines a Problem, or one JSON document) and gives the exit code. */
export function reportFailure(io: Io, error: unknown, json: boolean): ExitCode {
  const problems = error instanceof Problems ? error.all : error instanceof Problem ? [error] : undefined;
  if (!problems) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    io.talk(`lobsterpot: ${red(io, 'bug')}: ${plainText(text, 20_000)}\n`);
    if (json) io.out(stableJson({ bug: error instanceof Error ? error.message : String(error) }));
    return EXIT.bug;
  }
  if (json) io.out(stableJson({ problems: problems.map((problem) => problem.toJSON()) }));
  for (const problem of problems) io.talk(describe(io, problem));
  return problems[0]?.exit ?? EXIT.findings;
}

function describe(io: Io, problem: Problem): string {
  const indent = (text: string): string => plainText(text, 4000).trimEnd().replaceAll('\n', '\n         ');
  return [
    `lobsterpot: ${red(io, 'error')}: ${indent(problem.message)} (${problem.code})`,
    `  cause: ${indent(problem.why)}`,
    `  fix:   ${indent(problem.fix)}`,
    '',
  ].join('\n');
}
