import { EXIT, type ExitCode } from './exit-code.ts';

export type ProblemCode = `${string}/${string}`;

/**
 * An expected failure, told in three lines: what happened, why, and the exact next step.
 * `code` is `room/name` and stable; everything that is thrown and is not a Problem is a bug (exit 70).
 */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly why: string;
  readonly fix: string;
  readonly exit: ExitCode;

  constructor(
    code: ProblemCode,
    what: string,
    more: { readonly cause: string; readonly fix: string; readonly exit?: ExitCode; readonly from?: unknown },
  ) {
    super(what, { cause: more.from });
    this.name = 'Problem';
    this.code = code;
    this.why = more.cause;
    this.fix = more.fix;
    this.exit = more.exit ?? EXIT.findings;
  }

  toJSON(): { code: ProblemCode; what: string; cause: string; fix: string } {
    return { code: this.code, what: this.message, cause: this.why, fix: this.fix };
  }
}

/** Several Problems found in one pass (a file with three mistakes reports three). */
export class Problems extends Error {
  readonly all: readonly Problem[];

  constructor(all: readonly Problem[]) {
    super(all.map((one) => one.message).join('\n'));
    this.name = 'Problems';
    this.all = all;
  }
}

/** The text of anything thrown, for a `cause` line. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
