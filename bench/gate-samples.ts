import { z } from 'zod';

/** What one run of `load/tunnels.c load` prints: times from the first packet to the first byte from the far end, of every tunnel. */
export const loadResult = z.object({
  seconds: z.number(),
  tunnels: z.number(),
  failed: z.number(),
  bytes: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  /** Of the load itself: below `seconds`, or it is what was measured. */
  cpuSeconds: z.number(),
});

export type LoadResult = z.infer<typeof loadResult>;

/** What other clients do meanwhile; see `load/tunnels.c`. */
export const PESTS = ['silent', 'greedy', 'stalled', 'resets'] as const;

const PEST_TEXTS: Readonly<Record<(typeof PESTS)[number], string>> = {
  silent: '200 clients that say nothing',
  greedy: '200 tunnels that are sent without end and never read',
  stalled: '200 tunnels to a far end that says nothing',
  resets: '200 tunnels a second that are broken off',
};

/** One run against one proxy; memory in MiB. */
export const sample = loadResult.extend({
  what: z.enum(['bulk', 'first', 'many', 'alone', 'half', 'held', 'beside slow ones', ...PESTS.map((kind) => `beside ${kind}` as const)]),
  proxy: z.string(),
  proxyCpuSeconds: z.number().optional(),
  idleMiB: z.number().optional(),
  mostMiB: z.number().optional(),
  /** Right after it. */
  endMiB: z.number().optional(),
});

export type Sample = z.infer<typeof sample>;

/** `peeking`: Squid with OpenSSL, which reads the ClientHello as the gate does. */
export type ProxyName = 'direct' | 'gate' | 'squid' | 'peeking';

/** One line of the table: a figure of each, the median of the rounds; undefined: not asked of it. */
export type Line = { readonly title: string; readonly unit: string; readonly of: Readonly<Record<ProxyName, number | undefined>> };

type Column = {
  readonly title: string;
  readonly unit: string;
  readonly what: Sample['what'];
  readonly of: (one: Sample) => number | undefined;
};

const per = (a: number | undefined, b: number): number | undefined => (a === undefined ? undefined : a / b);

const COLUMNS: readonly Column[] = [
  { title: 'throughput, 8 tunnels', unit: 'MB/s', what: 'bulk', of: ({ bytes, seconds }) => bytes / seconds / 1e6 },
  { title: 'processor of the proxy', unit: 's/GB', what: 'bulk', of: ({ bytes, proxyCpuSeconds }) => per(proxyCpuSeconds, bytes / 1e9) },
  { title: 'tunnels opened and closed, 16 at a time', unit: '/s', what: 'many', of: (one) => one.tunnels / one.seconds },
  { title: 'the same, the first 3500', unit: '/s', what: 'first', of: (one) => one.tunnels / one.seconds },
  { title: '16 at a time: to the first byte, p50', unit: 'ms', what: 'many', of: (one) => one.p50Ms },
  { title: '16 at a time: to the first byte, p99', unit: 'ms', what: 'many', of: (one) => one.p99Ms },
  {
    title: '16 at a time: processor of the proxy',
    unit: 'ms each',
    what: 'many',
    of: (one) => per(one.proxyCpuSeconds, one.tunnels / 1000),
  },
  { title: 'one at a time: to the first byte, p50', unit: 'ms', what: 'alone', of: (one) => one.p50Ms },
  { title: 'one at a time: to the first byte, p99', unit: 'ms', what: 'alone', of: (one) => one.p99Ms },
  { title: 'beside 250 clients that never end their request, p50', unit: 'ms', what: 'beside slow ones', of: (one) => one.p50Ms },
  { title: 'beside 250 clients that never end their request, p99', unit: 'ms', what: 'beside slow ones', of: (one) => one.p99Ms },
  ...PESTS.flatMap((kind): readonly Column[] => [
    { title: `beside ${PEST_TEXTS[kind]}, p50`, unit: 'ms', what: `beside ${kind}`, of: (one) => one.p50Ms },
    { title: `beside ${PEST_TEXTS[kind]}, p99`, unit: 'ms', what: `beside ${kind}`, of: (one) => one.p99Ms },
  ]),
  { title: 'memory, idle', unit: 'MiB', what: 'many', of: (one) => one.idleMiB },
  { title: 'memory, most with 500 open tunnels', unit: 'MiB', what: 'half', of: (one) => one.mostMiB },
  { title: 'memory, most with 1000 open tunnels', unit: 'MiB', what: 'held', of: (one) => one.mostMiB },
  { title: 'memory, after all of that', unit: 'MiB', what: 'many', of: (one) => one.endMiB },
  { title: 'of 1000 tunnels held open, lost', unit: '', what: 'held', of: (one) => one.failed },
];

/** The table. Pure. */
export function linesOf(samples: readonly Sample[]): readonly Line[] {
  return COLUMNS.map(({ title, unit, what, of }) => {
    const figure = (proxy: ProxyName): number | undefined =>
      medianOf(samples.filter((one) => one.what === what && one.proxy === proxy).flatMap((one) => of(one) ?? []));
    return { title, unit, of: { direct: figure('direct'), gate: figure('gate'), squid: figure('squid'), peeking: figure('peeking') } };
  });
}

/** Runs in which a tunnel failed, or in which the load was itself what was slow: figures of such a run tell nothing of a proxy. Pure. */
export function doubtful(samples: readonly Sample[]): readonly string[] {
  return samples.flatMap((one) => [
    ...(one.failed > 0 ? [`${one.proxy}, ${one.what}: ${one.failed} of ${one.tunnels} tunnels failed`] : []),
    ...(one.cpuSeconds > 0.9 * one.seconds ? [`${one.proxy}, ${one.what}: the load itself was busy all the time`] : []),
  ]);
}

function medianOf(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
