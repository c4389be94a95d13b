import { Problem, reasonOf } from '../core/problem.ts';
import { noteImages } from './backup/used-images.ts';
import { appliedFrom, readApplied, writeApplied } from './applied.ts';
import { describeChange, riskOfChange, type Change } from './change.ts';
import { plan, updateRecords, type Engine, type Planned } from './engine.ts';
import { refuseUntaken } from './config-taken.ts';
import { execute } from './execute.ts';
import { takeHostLocks } from './host-lock.ts';
import { writeJournal } from './journal.ts';
import { keep, touchedBy } from './kept.ts';
import { describeCutOff, takeLock, wasCutOff } from './lock.ts';
import { openingsOf } from './openings.ts';
import { letGoEverywhere, notRestored, restoreBefore, toldAfter, type BeforeRestart } from './restore.ts';
import { settle } from './settle.ts';
import { sideBySide } from './side-by-side.ts';
import { runStage, stagesOf } from './stages.ts';
import { ownBeginnings, sweep } from './sweep.ts';
import { anyStarting, untilStarted } from './until-started.ts';

/** Lets a caller show each change while it runs; `work` does it. Several may run at the same time. */
export type Around = (change: Change, work: (say: (text: string) => void) => Promise<void>) => Promise<void>;

export type ApplyOptions = {
  /** What the user typed, for the locks and the journal. */
  readonly command: string;
  readonly around: Around;
  readonly onNote: (text: string) => void;
  /** Changes of risk `data` were agreed to; without it they are left out and told. */
  readonly acceptData?: boolean;
  /** See `BeforeRestart`. */
  readonly beforeRestart?: BeforeRestart;
};

// An image decides what is rendered, and enrolling gives the device id that the gateway's config then names: each takes one
// more round. The round after that must find nothing.
const MOST_ROUNDS = 4;

/**
 * Makes the deployment what the file says, under its locks, one journal record a change, hosts side by side; stops at the first
 * failure and brings back what ran before. Gives the plan that was found at first. Safe to run again after being killed anywhere.
 */
export async function apply(engine: Engine, options: ApplyOptions): Promise<Planned> {
  await engine.local.makeFolder(engine.root, { mode: 0o700 });
  await using lock = await takeLock(engine.root, options.command, (before) => options.onNote(describeCutOff(before)));
  const begun = await ownBeginnings(engine);
  const first = await plan(engine);
  await writeJournal(engine.root, { event: 'begin', command: options.command, changes: first.changes.length });
  // Whatever brings images and versions changes nothing that runs, and without an image a host's files cannot be reached.
  const bases = first.changes.filter((change) => change.kind === 'install-runtime' || change.kind === 'pull-image');
  await orJournal(engine, run(engine, bases, options.around));
  if (bases.some((change) => change.kind === 'pull-image')) engine.forgetSites();
  await makeRoots(engine);
  const sites = await engine.sites();
  await using _hosts = await takeHostLocks(engine, sites.values(), options.command, (host) =>
    options.onNote(`host ${host} was left locked by a run of yours that was cut off`),
  );
  const isStarting = anyStarting(first);
  if (isStarting) await untilStarted(engine);
  const tidy = async ({ desired }: Planned): Promise<void> => {
    for (const path of begun) await engine.local.remove(path);
    if (lock.isAfterCutOff) await sweep(engine, desired);
  };
  const start = bases.length === 0 && !isStarting ? first : await plan(engine);
  const last = await convergeLocked(engine, start, options, async (planned) => {
    await tidy(planned);
    lock.settle();
  });
  await tidy(last);
  await finish(engine, last, options.command);
  lock.settle();
  return first;
}

/** Was a run cut off, or has none written down yet what it left? Then there is something to do, whatever the plan says. */
export async function isUnfinished({ local, root }: Engine): Promise<boolean> {
  return (await wasCutOff(root)) || (await readApplied(local, root)) === undefined || (await ownBeginnings({ local, root })).length > 0;
}

/** `onBack`: what ran before runs again. */
async function convergeLocked(
  engine: Engine,
  start: Planned,
  options: ApplyOptions,
  onBack: (planned: Planned) => Promise<void>,
): Promise<Planned> {
  const done: Change[] = [];
  let planned = start;
  try {
    await recordChoices(engine);
    for (let round = 1; agreedTo(planned.changes, options).length > 0; round += 1) {
      const changes = agreedTo(planned.changes, options);
      if (round > MOST_ROUNDS) throw unsettled(changes);
      await keepBefore(engine, changes, start);
      await run(engine, changes, options.around, done);
      await refuseUntaken(engine, changes);
      await settle(engine, changes, planned.desired);
      planned = await plan(engine);
    }
    for (const left of planned.changes)
      options.onNote(`left alone, because it loses something: ${describeChange(left)} ; do it with: lobsterpot up --accept data`);
  } catch (error) {
    throw await goBack(engine, error, done, options, () => onBack(planned));
  }
  return planned;
}

/** What may be done without a word of the user's. */
function agreedTo(changes: readonly Change[], { acceptData }: ApplyOptions): readonly Change[] {
  return acceptData === true ? changes : changes.filter((change) => riskOfChange(change) !== 'data');
}

/** From here on this is what the deployment is. */
async function finish(engine: Engine, planned: Planned, command: string): Promise<void> {
  const { deployment, local, root } = engine;
  const at = new Date().toISOString();
  await writeApplied(local, root, appliedFrom(planned.desired, deployment, planned.seen.secrets, { at, command }));
  await updateRecords(engine, (records) => ({ ...records, open: openingsOf(deployment) }));
  await letGoEverywhere(engine);
  await writeJournal(root, { event: 'end', outcome: 'done' });
}

async function goBack(
  engine: Engine,
  failure: unknown,
  done: readonly Change[],
  options: ApplyOptions,
  onBack: () => Promise<void>,
): Promise<unknown> {
  try {
    const restored = await restoreBefore(engine, done, options.beforeRestart ?? (() => Promise.resolve()));
    if (restored) await onBack();
    // On a full disk the journal is what cannot be written; the services come first.
    await writeJournal(engine.root, { event: 'end', outcome: restored ? 'restored' : 'failed' }).catch(() => undefined);
    return toldAfter(failure, restored);
  } catch (second) {
    await writeJournal(engine.root, { event: 'end', outcome: 'failed' }).catch(() => undefined);
    return notRestored(failure, second);
  }
}

async function keepBefore(engine: Engine, changes: readonly Change[], start: Planned): Promise<void> {
  const order = start.desired.services.map((one) => one.name);
  await sideBySide((await engine.sites()).values(), async (site) => {
    const paths = touchedBy(changes, site.name);
    const services = start.seen.sites.get(site.name)?.services ?? [];
    if (paths.length > 0) await keep(site, paths, { services, order, record: start.records.hosts[site.name] ?? {} });
  });
}

async function run(engine: Engine, changes: readonly Change[], around: Around, done: Change[] = []): Promise<void> {
  for (const stage of stagesOf(changes)) {
    await runStage(stage, async (change) => {
      // Before it is begun: half of it may be true when it fails.
      done.push(change);
      await recorded(engine, change, around);
    });
  }
}

async function recorded(engine: Engine, change: Change, around: Around): Promise<void> {
  await writeJournal(engine.root, { event: 'change', outcome: 'started', change });
  try {
    await around(change, (say) => execute(engine, change, say));
  } catch (error) {
    await writeJournal(engine.root, { event: 'change', outcome: 'failed', change, problem: reasonOf(error) }).catch(() => undefined);
    throw error;
  }
  await writeJournal(engine.root, { event: 'change', outcome: 'done', change });
}

async function orJournal(engine: Engine, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    await writeJournal(engine.root, { event: 'end', outcome: 'failed' }).catch(() => undefined);
    throw error;
  }
}

/** The folders that everything else lies in. */
async function makeRoots(engine: Engine): Promise<void> {
  await sideBySide((await engine.sites()).values(), ({ host, root }) => host.makeFolder(root, { mode: 0o700 }));
}

/** What was chosen for a host stays as it is from now on. */
async function recordChoices(engine: Engine): Promise<void> {
  const chosen = [...(await engine.sites())].map(([name, site]) => [name, site.chosen] as const);
  const hosts = Object.fromEntries(chosen.filter(([, one]) => Object.keys(one).length > 0));
  await updateRecords(engine, (records) => ({ ...records, hosts: { ...records.hosts, ...hosts } }));
  await noteImages(engine, hosts);
}

function unsettled(changes: readonly Change[]): Problem {
  return new Problem('converge/unsettled', 'the deployment does not become what the file says', {
    cause: `after ${MOST_ROUNDS} rounds these changes were still needed: ${changes.map((change) => change.kind).join(', ')}`,
    fix: 'see what keeps changing: lobsterpot plan',
  });
}
