import { join } from 'node:path';

import { Problem, reasonOf } from '../core/problem.ts';
import { generateLinkKey } from '../link/link-key.ts';
import type { Change } from './change.ts';
import { plan, recordsOf, siteOf, type Engine, type Planned } from './engine.ts';
import { enrol, setExecPolicy } from './enrolment.ts';
import { writeJournal } from './journal.ts';
import { forgetNode, leaveHost, withdraw } from './farewell.ts';
import { authorise } from './links.ts';
import { takeLock } from './lock.ts';
import { place } from './placing.ts';
import { writeRecords } from './records.ts';
import { generateToken } from './secret-store.ts';

/** Lets a caller show each change while it runs; `work` does it. */
export type Around = (change: Change, work: (say: (text: string) => void) => Promise<void>) => Promise<void>;

export type ApplyOptions = {
  /** What the user typed, for the lock and the journal. */
  readonly command: string;
  readonly around: Around;
  readonly onNote: (text: string) => void;
};

// An image decides what is rendered, and enrolling gives the device id that the gateway's config then names: each takes one
// more round. The round after that must find nothing.
const MOST_ROUNDS = 4;

/**
 * Makes the deployment what the file says, under its lock, one journal record a change; stops at the first failure.
 * Gives the plan that was found at first. Safe to run again after being killed anywhere.
 */
export async function apply(engine: Engine, options: ApplyOptions): Promise<Planned> {
  await engine.local.makeFolder(engine.root, { mode: 0o700 });
  await using _lock = await takeLock(engine.root, options.command, (holder) =>
    options.onNote(`the last run ("${holder.command}", ${holder.since}) was cut off; going on from where it stopped`),
  );
  const first = await plan(engine);
  if (first.changes.length === 0) return first;
  await writeRecords(engine.local, engine.root, await withChoices(engine, first.records));
  await writeJournal(engine.root, { event: 'begin', command: options.command, changes: first.changes.length });
  await makeRoots(engine);
  let planned = first;
  for (let round = 1; planned.changes.length > 0; round += 1) {
    if (round > MOST_ROUNDS) throw unsettled(planned.changes);
    const images = planned.changes.filter((change) => change.kind === 'pull-image');
    for (const change of images.length > 0 ? images : planned.changes) await recorded(engine, change, options.around);
    // What is rendered for a host names its image: now that is known.
    if (images.length > 0) await reopen(engine);
    planned = await plan(engine);
  }
  await writeJournal(engine.root, { event: 'end', outcome: 'done' });
  return first;
}

/** The folders that everything else lies in; an image that is not there yet can make none. */
async function makeRoots(engine: Engine): Promise<void> {
  for (const { host, root } of (await engine.sites()).values()) await host.makeFolder(root, { mode: 0o700 });
}

/** What was chosen for a host stays as it is from now on. */
async function withChoices(engine: Engine, records: Planned['records']): Promise<Planned['records']> {
  const chosen = [...(await engine.sites())].map(([name, site]) => [name, site.chosen] as const);
  return { ...records, hosts: { ...records.hosts, ...Object.fromEntries(chosen.filter(([, one]) => Object.keys(one).length > 0)) } };
}

async function reopen(engine: Engine): Promise<void> {
  engine.forgetSites();
  await writeRecords(engine.local, engine.root, await withChoices(engine, await recordsOf(engine)));
}

async function recorded(engine: Engine, change: Change, around: Around): Promise<void> {
  await writeJournal(engine.root, { event: 'change', outcome: 'started', change });
  try {
    await around(change, (say) => execute(engine, change, say));
  } catch (error) {
    await writeJournal(engine.root, { event: 'change', outcome: 'failed', change, problem: reasonOf(error) });
    await writeJournal(engine.root, { event: 'end', outcome: 'failed' });
    throw error;
  }
  await writeJournal(engine.root, { event: 'change', outcome: 'done', change });
}

async function execute(engine: Engine, change: Change, say: (text: string) => void): Promise<void> {
  const site = await siteOf(engine, change);
  switch (change.kind) {
    case 'install-runtime':
    case 'pull-image':
      return site.base.bring(say);
    case 'make-folder':
    case 'write-file':
    case 'place-secret':
    case 'withdraw-secret':
      return place(site, engine.store, change);
    case 'generate-secret':
      return engine.store.write(change.secret, change.form === 'link-key' ? generateLinkKey().privateKey : generateToken());
    case 'authorise-link':
      return authorise(engine, change.node);
    case 'withdraw-link':
      return withdraw(engine, change);
    case 'forget-node':
      return forgetNode(engine, change.node);
    case 'leave-host':
      return leaveHost(engine, site);
    case 'stop-service':
      await site.runtime.stop([change.service]);
      // Without its specification it is no part of the deployment any more; its state stays.
      return site.host.remove(join(site.root, 'services', change.service, 'spec.json'));
    case 'start-service':
      return site.runtime.start([change.service], (_name, state) => say(state.state));
    case 'enrol-node':
      return enrol(engine, change.node, say);
    case 'set-exec-policy':
      return setExecPolicy(engine, change.node);
  }
}

function unsettled(changes: readonly Change[]): Problem {
  return new Problem('converge/unsettled', 'the deployment does not become what the file says', {
    cause: `after ${MOST_ROUNDS} rounds these changes were still needed: ${changes.map((change) => change.kind).join(', ')}`,
    fix: 'see what keeps changing: lobsterpot plan ; the services run as they were last applied',
  });
}
