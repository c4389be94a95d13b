import type { Measured } from './measure.ts';

/** What is measured on some hosts. */
export type What = 'up' | 'plan' | 'status' | 'drift' | 'cold' | 'play';

/** One line of the table; `busy`: the part of the machine's processors at work meanwhile; `work`: their milliseconds at work a round; `load`: of one minute, at the end. */
export type Figure = {
  readonly what: What;
  readonly hosts: number;
  readonly measured: Measured;
  readonly busy: number;
  readonly work: number;
  readonly load: number;
};

/** What a deployment of that many hosts costs the machine while nothing is asked of it; memory in GiB. */
export type AtRest = { readonly hosts: number; readonly busy: number; readonly memory: number };

/** A target, what it is compared with, and whether it is met; undefined: it was not measured. */
export type Target = { readonly text: string; readonly figure: string; readonly met: boolean | undefined };

/** How each is called on the page. */
export const CALLED = {
  up: '`up`, nothing to do',
  plan: '`plan`',
  status: '`status`',
  drift: '`drift`',
  cold: '`up` from nothing to proven',
  play: 'Ansible play, nothing to do',
} as const satisfies Readonly<Record<What, string>>;

/** The median of one figure in milliseconds; undefined: it was not measured. Pure. */
export function medianOf(figures: readonly Figure[], what: What, hosts: number): number | undefined {
  return figures.find((one) => one.what === what && one.hosts === hosts)?.measured.median;
}

/** What was aimed at, against the medians. Pure. */
export function targetsOf(figures: readonly Figure[]): readonly Target[] {
  const below = (text: string, what: What, hosts: number, most: number): Target => {
    const ms = medianOf(figures, what, hosts);
    return {
      text,
      figure: ms === undefined ? 'not measured' : `${(ms / 1000).toFixed(2)} s`,
      met: ms === undefined ? undefined : ms < most,
    };
  };
  const ratio = (text: string, of: number | undefined, to: number | undefined, isMet: (times: number) => boolean): Target => {
    if (of === undefined || to === undefined) return { text, figure: 'not measured', met: undefined };
    return { text, figure: `${(of / to).toFixed(1)} times`, met: isMet(of / to) };
  };
  const [one, two, eight] = [1, 2, 8].map((hosts) => medianOf(figures, 'up', hosts));
  return [
    below('`up` of two hosts with nothing to do: below 2 s', 'up', 2, 2000),
    below('`status` of two hosts: below 1 s', 'status', 2, 1000),
    below('`up` of two hosts from nothing to proven, images present: below 90 s', 'cold', 2, 90_000),
    ratio('`up` of two hosts with nothing to do: 10 times faster than the play', medianOf(figures, 'play', 2), two, (times) => times >= 10),
    ratio('`up` of eight hosts with nothing to do: at most 2 times that of one', eight, one, (times) => times <= 2),
  ];
}
