/** Runs the tests of its folder once more as an ordinary user: nothing new where all of them are run by one anyway. */
const TWICE = ['src/runtimes/process/as-user.e2e.test.ts'];

/**
 * What these ask does not depend on who asks: how the command line reads its arguments and its file, in which order it
 * works and how it goes on or back, and what the real OpenClaw decides for itself. That it is installed, brought up, contained and proven as an ordinary user, other files try.
 */
const SAME_FOR_ALL = [
  'e2e/bad-input.e2e.test.ts',
  'e2e/converge.e2e.test.ts',
  'e2e/help.e2e.test.ts',
  'e2e/rotation.e2e.test.ts',
  'e2e/routes.e2e.test.ts',
  'e2e/sabotage-openclaw.e2e.test.ts',
  'e2e/up-walk.e2e.test.ts',
  'e2e/upgrade-walk.e2e.test.ts',
  'e2e/upgrade.e2e.test.ts',
  'src/openclaw/control-ui.e2e.test.ts',
  'src/openclaw/openclaw.e2e.test.ts',
];

/** Every path that is named here. */
export const NAMED = [...TWICE, ...SAME_FOR_ALL];

/**
 * The files that a run need not hold because another run does: `LOBSTERPOT_USER_RUN_FOLLOWS` says that an ordinary user runs
 * everything afterwards, `LOBSTERPOT_ROOT_RAN_BEFORE` that root has.
 */
export function leftOut(env) {
  if (env.LOBSTERPOT_ROOT_RAN_BEFORE === '1') return NAMED;
  return env.LOBSTERPOT_USER_RUN_FOLLOWS === '1' ? TWICE : [];
}
