import { availableParallelism } from 'node:os';

/** Files that start the real OpenClaw, or lobsterpot some hundred times, which keeps a processor busy: the longest first. */
const BUSY = [
  'e2e/two-hosts.e2e.test.ts',
  'e2e/hosts-upgrade.e2e.test.ts',
  'e2e/converge.e2e.test.ts',
  'e2e/upgrade-walk.e2e.test.ts',
  'e2e/up-walk.e2e.test.ts',
  'e2e/sabotage-openclaw.e2e.test.ts',
  'e2e/rotation.e2e.test.ts',
  'e2e/squid-hosts.e2e.test.ts',
  'src/openclaw/openclaw.e2e.test.ts',
  'e2e/upgrade.e2e.test.ts',
  'e2e/whole.e2e.test.ts',
  'e2e/routes.e2e.test.ts',
  'e2e/control-ui.e2e.test.ts',
];

/** Long files that mostly wait for other programs: the longest first. */
const WAITING = ['e2e/docker-sabotage.e2e.test.ts', 'e2e/sabotage.e2e.test.ts', 'e2e/docker-lifecycle.e2e.test.ts'];

/**
 * Files whose tests look at what all of this machine does: how long a program takes, how much comes within a second, who clears away
 * whose leftovers, how many processes one user has.
 */
const ALONE = [
  'e2e/gate/gate.test.ts',
  'e2e/help.e2e.test.ts',
  'e2e/lab-hosts.e2e.test.ts',
  'src/runtimes/process/as-user.e2e.test.ts',
  'src/runtimes/process/chain-probe.e2e.test.ts',
  'src/runtimes/process/identity.e2e.test.ts',
];

/** Every path that is named here. */
export const NAMED = [...BUSY, ...WAITING, ...ALONE];

/** How many files of a suite run at a time: most of them wait for other programs most of the time. */
export function lanesHere(most) {
  return Math.max(1, Math.min(most, availableParallelism()));
}

/**
 * The files that may run beside others, busy ones at one end and waiting ones at the other, both the longest first: whoever begins at
 * both ends runs one of each, and ends with short ones. And the files that must run alone.
 */
export function planLanes(files, { busy = BUSY, waiting = WAITING, alone = ALONE } = {}) {
  const some = (names) => names.filter((file) => files.includes(file));
  const others = files.filter((file) => ![...busy, ...waiting, ...alone].includes(file));
  return { together: [...some(busy), ...others, ...some(waiting).toReversed()], alone: some(alone) };
}

/** Calls `act` for every item, `lanes` of them at a time, the first lane from the front and the others from the end; gives what it gave, in order. */
export async function inLanes(items, lanes, act) {
  const results = [];
  const left = [...items.keys()];
  const lane = async (next) => {
    for (let at = next(); at !== undefined; at = next()) results[at] = await act(items[at]);
  };
  await Promise.all(Array.from({ length: lanes }, (_, index) => lane(() => (index === 0 ? left.shift() : left.pop()))));
  return results;
}
