import { placeTotals } from '../../audit/index/sum-index.ts';
import { topOf, type TopLine } from '../../audit/top.ts';
import type { Engine } from '../../converge/engine.ts';
import { formatDuration } from '../../core/duration.ts';
import type { ExitCode } from '../../core/exit-code.ts';
import { stableJson } from '../../core/json.ts';
import { plainText } from '../../core/plain-text.ts';
import { table, type Io } from '../io.ts';
import { askGates, tellUnchecked, uncheckedPart } from './gates.ts';
import { findClient } from './place.ts';
import { badValue, formatBytes, sinceMs } from './values.ts';

export type TopOptions = {
  readonly json?: boolean;
  readonly since?: string;
  readonly client?: string;
  readonly denied?: boolean;
  readonly lines: string;
};

/** `egress top`: which hosts were asked for most, and who asked. */
export async function egressTop(io: Io, engine: Engine, options: TopOptions): Promise<ExitCode> {
  const client = await findClient(engine, options.client);
  const since = sinceMs(options.since, 'top');
  const most = Number(options.lines);
  if (!Number.isInteger(most) || most < 1)
    throw badValue(`--lines takes a whole number, not "${plainText(options.lines, 20)}"`, 'lobsterpot egress top --lines 50');
  const { answers, unchecked } = await askGates(engine, client, (gate) => gate.indexed((index) => placeTotals(index, since)));
  const totals = answers.flat().filter((one) => client === undefined || one.client === client.name);
  const top = topOf(totals, options.denied === true ? 'denied' : 'attempts');
  if (options.json === true) io.out(stableJson({ hosts: top.hosts.slice(0, most), clients: top.clients, ...uncheckedPart(unchecked) }));
  else if (top.hosts.length === 0) io.out('nothing in the trail fits\n');
  else {
    const nowMs = Date.now();
    io.out(
      table([
        ['host', 'attempts', 'denied', 'up', 'down', 'last', 'asked by'],
        ...top.hosts.slice(0, most).map((one) => [...cells(one, nowMs), one.others.join(', ')]),
      ]),
    );
    if (top.hosts.length > most) io.out(`  ${top.hosts.length - most} more hosts: --lines ${top.hosts.length}\n`);
    io.out(
      `\n${table([['client', 'attempts', 'denied', 'up', 'down', 'last', 'hosts'], ...top.clients.map((one) => [...cells(one, nowMs), String(one.others.length)])])}`,
    );
  }
  return tellUnchecked(io, unchecked);
}

function cells({ name, attempts, denied, would, up, down, lastMs }: TopLine, nowMs: number): readonly string[] {
  return [
    plainText(name, 80),
    String(attempts),
    would === 0 ? String(denied) : `${denied} + ${would} in report mode`,
    formatBytes(up),
    formatBytes(down),
    lastMs === -Infinity ? '' : `${formatDuration(Math.max(0, nowMs - lastMs))} ago`,
  ];
}
