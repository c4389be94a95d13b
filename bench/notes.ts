import { reasonOf } from '../src/core/problem.ts';
import { type AtRest, CALLED, type Figure, type What } from './figures.ts';
import { busyBetween, clocks, load } from './machine.ts';
import { inWords, type Measured, seconds } from './measure.ts';

/** Figures of one run, as they come. */
export type Notes = {
  readonly figures: Figure[];
  readonly rest: AtRest[];
  readonly notMeasured: string[];
  /** What fails, also in `warm` that comes before and does not count, is told in place of its figure; gives whether it did not. */
  add(what: What, hosts: number, work: () => Promise<Measured>, warm?: () => Promise<unknown>): Promise<boolean>;
};

/** Begins with none; `say` hears of each. */
export function takeNotes(say: (line: string) => void): Notes {
  const [figures, notMeasured]: [Figure[], string[]] = [[], []];
  return {
    figures,
    rest: [],
    notMeasured,
    add: async (what, hosts, work, warm) => {
      let from = clocks();
      let measured: Measured;
      try {
        await warm?.();
        from = clocks();
        measured = await work();
      } catch (error) {
        say(reasonOf(error));
        notMeasured.push(`${CALLED[what]}, hosts: ${hosts}: ${firstError(error)}`);
        return false;
      }
      const to = clocks();
      const spent = (to.busy - from.busy) / measured.rounds;
      const figure = { what, hosts, measured, busy: busyBetween(from, to), work: spent, load: load()[0] ?? 0 };
      figures.push(figure);
      say(`${CALLED[what]}, hosts: ${hosts}: ${inWords(measured)}, ${seconds(spent)} s of processors, load ${figure.load.toFixed(1)}`);
      return true;
    },
  };
}

/** The line of what was printed that tells what went wrong. */
export function firstError(error: unknown): string {
  const text = reasonOf(error);
  return /error: (.*)$/m.exec(text)?.[1] ?? text.split('\n')[0] ?? '';
}
