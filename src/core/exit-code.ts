/** The exit codes of every command; `--help` prints those that a command uses. */
export const EXIT = {
  ok: 0,
  /** Findings, or a change that failed. */
  findings: 1,
  /** Changes or drift are present (`plan`, `drift`). */
  changes: 2,
  /** Wrong usage or an invalid file. */
  usage: 3,
  unreachable: 4,
  locked: 5,
  bug: 70,
  cancelled: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
