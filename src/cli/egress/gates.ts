import type { Engine } from '../../converge/engine.ts';
import { EXIT, type ExitCode } from '../../core/exit-code.ts';
import { plainText } from '../../core/plain-text.ts';
import { Problem } from '../../core/problem.ts';
import type { TrailIndex } from '../../audit/index/trail-index.ts';
import { red, type Io } from '../io.ts';
import { placeOf, type Client, type SitePlace } from './place.ts';
import { bringUpToDate, indexOfSite, trailFolderOf } from './site-trail.ts';

/** A gate, and what its trail says through an index of it that is up to date. */
export type AskedGate = SitePlace & {
  /** Asks the index; it is brought up to date before. */
  indexed<T>(ask: (index: TrailIndex) => Promise<T>): Promise<T>;
  /** Where the trail, or a copy of it, is read; `fresh` fetches what is new. */
  readonly folder: string;
  fresh(): Promise<void>;
};

/** A host whose gate could not be asked, and why. */
export type Unchecked = { readonly host: string; readonly message: string; readonly cause: string; readonly fix: string };

/** What each gate said, and which could not be asked. */
export type Answers<T> = { readonly answers: readonly T[]; readonly unchecked: readonly Unchecked[] };

/**
 * Asks the gates that a client's traffic goes through (its host's own, or every one of the deployment), side by side.
 * A Problem where none of them can be asked.
 */
export async function askGates<T>(
  engine: Engine,
  client: Pick<Client, 'host'> | undefined,
  ask: (gate: AskedGate) => Promise<T>,
): Promise<Answers<T>> {
  const { sites, unreachable } = await engine.reach();
  const isAsked = (host: string): boolean => client === undefined || client.host === host;
  const problems = [...unreachable].filter(([host]) => isAsked(host)).map(([host, problem]) => ({ host, problem }));
  const asked = await Promise.all(
    [...sites.values()]
      .filter((site) => isAsked(site.name))
      .map(async (site) => {
        await using place = placeOf(site);
        const gate: AskedGate = {
          ...place,
          folder: trailFolderOf(engine, site),
          fresh: () => bringUpToDate(engine, site),
          indexed: (question) => indexOfSite(engine, site, question),
        };
        return await ask(gate).then(
          (answer) => ({ answer }),
          (error: unknown) => {
            if (error instanceof Problem) return { host: site.name, problem: error };
            throw error;
          },
        );
      }),
  );
  for (const one of asked) if ('problem' in one) problems.push(one);
  const answers = asked.flatMap((one) => ('answer' in one ? [one.answer] : []));
  const [first] = problems;
  if (answers.length === 0 && first) throw first.problem;
  return { answers, unchecked: problems.map(({ host, problem: { message, why, fix } }) => ({ host, message, cause: why, fix })) };
}

/** Says on stderr which hosts were not asked; gives what the command ends with. */
export function tellUnchecked(io: Io, unchecked: readonly Unchecked[], otherwise: ExitCode = EXIT.ok): ExitCode {
  for (const { host, message, cause, fix } of unchecked)
    io.talk(`${red(io, 'unchecked')} ${host}: ${plainText(message, 300)}\n  cause: ${plainText(cause, 500)}\n  fix:   ${fix}\n`);
  return unchecked.length === 0 ? otherwise : EXIT.unreachable;
}

/** The part of a JSON document that tells which hosts were not asked; nothing where all were. */
export function uncheckedPart(unchecked: readonly Unchecked[]): { readonly unchecked?: readonly Unchecked[] } {
  return unchecked.length === 0 ? {} : { unchecked };
}
