import { availableParallelism } from 'node:os';

/** Seconds that the long files took on two cores, so that none of them is begun last; what is not named is short. */
const SECONDS = {
  'e2e/docker-sabotage.e2e.test.ts': 350,
  'e2e/two-hosts.e2e.test.ts': 300,
  'e2e/sabotage-openclaw.e2e.test.ts': 200,
  'e2e/whole.e2e.test.ts': 180,
  'src/openclaw/openclaw.e2e.test.ts': 120,
  'e2e/sabotage.e2e.test.ts': 110,
  'e2e/control-ui.e2e.test.ts': 75,
  'e2e/docker-lifecycle.e2e.test.ts': 65,
  'src/runtimes/process/as-user.e2e.test.ts': 40,
};

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
export const NAMED = [...Object.keys(SECONDS), ...ALONE];

/** How many files of a suite run at a time: most of them wait for other programs most of the time. */
export function lanesHere(most) {
  return Math.max(1, Math.min(most, availableParallelism()));
}

/** The files that may run beside others, the longest first, and those that must not. */
export function planLanes(files, { seconds = SECONDS, alone = ALONE } = {}) {
  const together = files.filter((file) => !alone.includes(file)).toSorted((a, b) => (seconds[b] ?? 0) - (seconds[a] ?? 0));
  return { together, alone: files.filter((file) => alone.includes(file)) };
}

/** Calls `act` for every item in order, `lanes` of them at a time, and gives what it gave for each. */
export async function inLanes(items, lanes, act) {
  const results = [];
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await act(items[at]);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}
