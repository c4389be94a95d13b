import { Problem, reasonOf } from '../core/problem.ts';
import { readApplied } from './applied.ts';
import type { Change } from './change.ts';
import { updateRecords, type Engine } from './engine.ts';
import { setExecPolicy } from './enrolment.ts';
import { backFrom, letGo, putBack, readKept, type Kept } from './kept.ts';
import { sideBySide } from './side-by-side.ts';
import type { Site } from './site.ts';

/** A service by its place. */
export type Placed = { readonly host: string; readonly service: string };

/** Something to do once the old files are back and before the services start again: an upgrade puts the old state back here. */
export type BeforeRestart = (engine: Engine, services: readonly Placed[]) => Promise<void>;

type Back = { readonly site: Site; readonly kept: Kept };

/**
 * Makes what ran before this run run again, on every host: its files, its image, its services, its exec policies.
 * undefined: nothing ran before, so there is nothing to go back to. Throws when it could not be done.
 */
export async function restoreBefore(
  engine: Engine,
  done: readonly Change[],
  beforeRestart: BeforeRestart,
): Promise<readonly Placed[] | undefined> {
  const kept = await keptOn(engine);
  if (!kept.some((one) => one.kept.running.length > 0)) return undefined;
  for (const { site, kept: was } of kept) await putBack(site, was);
  const old = Object.fromEntries(kept.map(({ site, kept: was }) => [site.name, was.record]));
  await updateRecords(engine, (records) => ({ ...records, hosts: { ...records.hosts, ...old } }));
  const plans = await Promise.all(kept.map(async ({ site, kept: was }) => ({ site, ...backFrom(was, await site.runtime.observe()) })));
  for (const { site, gone } of plans) if (gone.length > 0) await site.runtime.stop(gone);
  const again = plans.flatMap(({ site, again: names }) => names.map((service) => ({ host: site.name, service })));
  await beforeRestart(engine, again);
  // A tunnel and a node need the other host's gateway.
  for (const isLast of [false, true]) {
    for (const { site, again: names } of plans) {
      const now = names.filter((name) => /^(link|node)-/.test(name) === isLast);
      if (now.length > 0) await site.runtime.start(now);
    }
  }
  await oldExecPolicies(engine, done);
  for (const { site } of kept) await letGo(site);
  engine.forgetSites();
  return again;
}

/** Lets go of what was kept on every host that is still one of the deployment's. */
export async function letGoEverywhere(engine: Engine): Promise<void> {
  await sideBySide((await engine.sites()).values(), letGo);
}

/** How a failed run is told once what ran before runs again, or does not. */
export function toldAfter(failure: unknown, restored: readonly Placed[] | undefined): unknown {
  if (!(failure instanceof Problem) || restored === undefined) return failure;
  const what = restored.length === 0 ? 'nothing that ran was touched' : 'what ran before runs again';
  return new Problem(failure.code, failure.message, {
    cause: `${failure.why}; the files are those from before, and ${what}`,
    fix: failure.fix,
    exit: failure.exit,
    from: failure,
  });
}

/** The worst that can be told: neither the new nor the old. */
export function notRestored(failure: unknown, second: unknown): Problem {
  const first = failure instanceof Problem ? `${failure.message}: ${failure.why}` : reasonOf(failure);
  const why = second instanceof Problem ? `${second.message}: ${second.why}` : reasonOf(second);
  return new Problem('converge/not-restored', 'a change failed, and what ran before could not be brought back whole', {
    cause: `the change: ${first} ; bringing back: ${why}`,
    fix: `${second instanceof Problem ? `${second.fix} ; then: ` : ''}lobsterpot up ; what was kept of before stays on the hosts until one goes through`,
    from: failure,
  });
}

async function keptOn(engine: Engine): Promise<readonly Back[]> {
  const read = await Promise.all(
    [...(await engine.sites()).values()].map(async (site): Promise<readonly Back[]> => {
      const kept = await readKept(site);
      return kept ? [{ site, kept }] : [];
    }),
  );
  return read.flat();
}

async function oldExecPolicies(engine: Engine, done: readonly Change[]): Promise<void> {
  const applied = await readApplied(engine.local, engine.root);
  for (const change of done) {
    const rules = change.kind === 'set-exec-policy' ? applied?.exec[change.node] : undefined;
    if (change.kind === 'set-exec-policy' && rules) await setExecPolicy(engine, change.node, rules);
  }
}
