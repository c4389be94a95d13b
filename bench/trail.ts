import { statSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catchUp, openTrailIndex, type TrailIndex } from '../src/audit/index/trail-index.ts';
import { queryIndex } from '../src/audit/index/query-index.ts';
import { placeTotals, summariseHost } from '../src/audit/index/sum-index.ts';
import { load, machineLines } from './machine.ts';
import { measure, summary, type Measured } from './measure.ts';
import { writeLongTrail, type LongTrail } from './long-trail.ts';

export type TrailOptions = { readonly records: number; readonly rounds: number; readonly say: (line: string) => void };

/** A trail of very many records: how fast its index is made, how large it is, and how long each question takes. Gives the page. */
export async function benchTrail({ records, rounds, say }: TrailOptions): Promise<string> {
  const before = load();
  const folder = await mkdtemp(join(tmpdir(), 'lobsterpot-bench-trail-'));
  try {
    const trail = writeLongTrail(join(folder, 'trail'), records);
    say(`${records} records in ${trail.files} files written`);
    const path = join(folder, 'index.sqlite');
    using index = openTrailIndex(path, join(folder, 'trail'));
    const built = await spent(() => catchUp(index));
    const read = built.value;
    if (read !== records) throw new Error(`${read} of ${records} records were read`);
    say(`index: ${Math.round(built.ms)} ms, ${Math.round(built.cpuMs)} ms of a processor`);
    const rows: Row[] = [];
    for (const [what, ask] of questions(index, trail)) {
      // Once without counting: the pages of the index are in memory then, as after the first command of a day.
      const { found } = await ask();
      const cpu: number[] = [];
      const measured = await measure(rounds, async () => {
        const { ms, cpuMs } = await ask();
        cpu.push(cpuMs);
        return ms;
      });
      rows.push({ what, found, measured, cpu: summary(cpu) });
      say(`${what}: ${inMs(measured)}, ${found} found`);
    }
    const size = { trail: bytesOf(join(folder, 'trail')), index: bytesOf(folder) - bytesOf(join(folder, 'trail')) };
    return page({
      records,
      trail,
      built,
      size,
      rows,
      machine: machineLines(before, load(), new Date().toISOString().slice(0, 10)),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Row = { readonly what: string; readonly found: number; readonly measured: Measured; readonly cpu: Measured };
type Asked = { readonly ms: number; readonly cpuMs: number; readonly found: number };
type Question = readonly [what: string, ask: () => Promise<Asked>];

/** What something took, by the clock and of the processors. */
async function spent<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number; readonly cpuMs: number }> {
  const [begin, cpu] = [performance.now(), process.cpuUsage()];
  const value = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { value, ms: performance.now() - begin, cpuMs: (user + system) / 1000 };
}

function questions(index: TrailIndex, { usualHost, rareHost, usualClient, endMs }: LongTrail): readonly Question[] {
  const timed = async (work: () => Promise<{ readonly length: number }>): Promise<Asked> => {
    const { value, ms, cpuMs } = await spent(async () => {
      // Each question is asked of a trail that may have grown, as the command does.
      await catchUp(index);
      return work();
    });
    return { ms, cpuMs, found: value.length };
  };
  const log =
    (filter: Parameters<typeof queryIndex>[1], limit = 200) =>
    () =>
      timed(() => queryIndex(index, filter, limit));
  const day = endMs - 86_400_000;
  return [
    ['`egress log`', log({})],
    ['`egress log --denied`', log({ denied: true })],
    ['`egress log --client`', log({ client: usualClient })],
    ['`egress log --host`, a usual one', log({ host: usualHost })],
    ['`egress log --host`, one of the rarest', log({ host: rareHost })],
    ['`egress log --host`, never asked for', log({ host: 'never.example' })],
    ['`egress log --since 1d --denied --client --host`', log({ sinceMs: day, denied: true, client: usualClient, host: usualHost })],
    ['`egress log --host --lines 5000`', log({ host: usualHost }, 5000)],
    ['`egress top`', () => timed(() => placeTotals(index))],
    ['`egress top --since 1d`', () => timed(() => placeTotals(index, day))],
    ['`egress explain`, a usual host', () => timed(() => summariseHost(index, usualHost))],
    ['`egress explain`, one of the rarest', () => timed(() => summariseHost(index, rareHost))],
  ];
}

function bytesOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).reduce(
    (sum, one) => sum + (one.isFile() ? statSync(join(one.parentPath, one.name)).size : 0),
    0,
  );
}

function inMs({ median, least, most }: Measured): string {
  const ms = (value: number): string => (value < 10 ? value.toFixed(1) : String(Math.round(value)));
  return `${ms(median)} ms (${ms(least)} to ${ms(most)})`;
}

type Page = {
  readonly records: number;
  readonly trail: LongTrail;
  readonly built: { readonly ms: number; readonly cpuMs: number };
  readonly size: { readonly trail: number; readonly index: number };
  readonly rows: readonly Row[];
  readonly machine: readonly string[];
};

function page({ records, trail, built, size, rows, machine }: Page): string {
  const count = (value: number): string => value.toLocaleString('en');
  const mb = (bytes: number): string => `${count(Math.round(bytes / 1e6))} MB`;
  return [
    '# Benchmarks of the trail',
    '',
    'Written by `npm run bench -- trail`: a trail as the gate writes it, of one host, and the index that the egress commands read it through ([decision](decisions/0012-the-index-of-the-trail.md)).',
    '',
    `- The trail: ${count(records)} records in ${count(trail.files)} files, ${mb(size.trail)}; ${count(trail.hosts)} hosts, ${count(trail.clients)} clients, half of the records the ends of connections.`,
    `- The index made from nothing, every record's hash checked: ${(built.ms / 1000).toFixed(1)} s by the clock, ${(built.cpuMs / 1000).toFixed(1)} s of a processor: ${count(Math.round((1000 * records) / built.ms))} records a second, ${count(Math.round((1000 * records) / built.cpuMs))} with a processor to itself; ${mb(size.index)}.`,
    '',
    '| question | found | median by the clock (least to most) | of a processor |',
    '|---|---|---|---|',
    ...rows.map(({ what, found, measured, cpu }) => `| ${what} | ${count(found)} | ${inMs(measured)} | ${inMs(cpu)} |`),
    '',
    'Each question includes the look whether the trail has grown. Starting the command line and opening the deployment come on top.',
    '',
    ...machine.slice(0, 1),
    ...machine.slice(1).map((line) => line.replace(/ The lab.*$/, '')),
    '',
  ].join('\n');
}
