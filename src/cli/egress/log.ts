import { gateStatus } from '../../audit/control-client.ts';
import { queryIndex } from '../../audit/index/query-index.ts';
import { indexEnd } from '../../audit/index/trail-index.ts';
import type { LogEntry, TrailFilter } from '../../audit/query-trail.ts';
import { type TrailCheck, verifyTrail } from '../../audit/verify-trail.ts';
import type { Engine } from '../../converge/engine.ts';
import { EXIT, type ExitCode } from '../../core/exit-code.ts';
import { canonicalJson, stableJson } from '../../core/json.ts';
import { plainText } from '../../core/plain-text.ts';
import { red, table, type Io } from '../io.ts';
import { followGates } from './follow.ts';
import { askGates, tellUnchecked, uncheckedPart } from './gates.ts';
import { findClient, type Client, type SitePlace } from './place.ts';
import { seenBefore } from './site-trail.ts';
import { badValue, sinceMs } from './values.ts';

export type LogOptions = {
  readonly json?: boolean;
  readonly since?: string;
  readonly denied?: boolean;
  readonly client?: string;
  readonly host?: string;
  readonly lines: string;
  readonly follow?: boolean;
  readonly verify?: boolean;
};

/** `egress log`: what tried to leave; with --verify whether the trail itself is whole. */
export async function egressLog(io: Io, engine: Engine, options: LogOptions): Promise<ExitCode> {
  if (options.verify === true) return verify(io, engine, options.json === true);
  const client = await findClient(engine, options.client);
  const filter = filterOf(client, options);
  const limit = limitOf(options.lines);
  const { answers, unchecked } = await askGates(engine, client, (gate) =>
    gate.indexed(async (index) => ({ host: gate.host, end: indexEnd(index), entries: await queryIndex(index, filter, limit) })),
  );
  const entries = answers
    .flatMap((one) => one.entries)
    .toSorted((a, b) => a.decision.time - b.decision.time)
    .slice(-limit);
  if (options.json === true)
    io.out(
      options.follow === true
        ? entries.map((one) => `${canonicalJson(one)}\n`).join('')
        : stableJson({ entries, ...uncheckedPart(unchecked) }),
    );
  else
    io.out(
      entries.length === 0
        ? 'nothing in the trail fits\n'
        : table([['time', 'client', 'verdict', 'host', 'reason', ''], ...entries.map((one) => row(io, one))]),
    );
  const code = tellUnchecked(io, unchecked);
  if (options.follow !== true) return code;
  const ends = new Map(answers.map(({ host, end }) => [host, end]));
  await followGates(io, engine, client, {
    filter,
    ends,
    print: (decision) => io.out(options.json === true ? `${canonicalJson({ decision })}\n` : table([row(io, { decision })])),
  });
  return code;
}

async function verify(io: Io, engine: Engine, json: boolean): Promise<ExitCode> {
  const { answers: checks, unchecked } = await askGates(engine, undefined, async (gate) => ({
    host: gate.host,
    ...(await checkTrail(engine, gate)),
  }));
  const [only] = checks;
  if (checks.length === 1 && unchecked.length === 0 && only)
    io.out(json ? stableJson({ ...only.check, comparedWithGate: only.compared }) : checkText(io, only.check, only.compared));
  else if (json)
    io.out(
      stableJson({
        hosts: checks.map(({ host, check, compared }) => ({ host, ...check, comparedWithGate: compared })),
        ...uncheckedPart(unchecked),
      }),
    );
  else io.out(checks.map(({ host, check, compared }) => `${host}: ${checkText(io, check, compared)}`).join(''));
  for (const { check, kept } of checks)
    if (!check.ok) io.talk(`what was read of it before is kept in ${kept}; to begin anew with what is there now, remove that\n`);
  return tellUnchecked(io, unchecked, checks.every(({ check }) => check.ok) ? EXIT.ok : EXIT.findings);
}

async function checkTrail(
  engine: Engine,
  gate: SitePlace,
): Promise<{ readonly check: TrailCheck; readonly compared: boolean; readonly kept: string }> {
  // A running gate knows where its trail ends, so that lines cut off at the end are missed too.
  const head = await gateStatus(gate.ask).then(
    (status) => status.trail,
    () => undefined,
  );
  const { seen, kept } = await seenBefore(engine, gate.host);
  return { check: await verifyTrail(await gate.trailFolder(), head, seen), compared: head !== undefined, kept };
}

/** What `--verify` says; `compared`: with where the running gate says that its trail ends. */
export function checkText(io: Io, check: TrailCheck, compared: boolean): string {
  if (!check.ok) return `${red(io, 'broken')}: ${check.file} line ${check.line}: ${check.why}\n`;
  const { records, firstSeq, lastSeq, gaps, dropped } = check;
  return [
    `whole: ${records} records, ${firstSeq} to ${lastSeq}, ${gaps} recorded gaps`,
    ...(dropped ? [`records 1 to ${dropped.records} were dropped by rotation; the oldest kept is of ${timeOf(dropped.oldestKeptMs)}`] : []),
    ...(compared ? [] : ['the gate does not run: lines cut off at the very end would not be noticed']),
    '',
  ].join('\n');
}

function filterOf(client: Client | undefined, options: LogOptions): TrailFilter {
  const since = sinceMs(options.since, 'log');
  return {
    ...(since === undefined ? {} : { sinceMs: since }),
    ...(options.denied === true ? { denied: true } : {}),
    ...(client === undefined ? {} : { client: client.name }),
    ...(options.host === undefined ? {} : { host: options.host.toLowerCase() }),
  };
}

function limitOf(text: string): number {
  const lines = Number(text);
  if (Number.isInteger(lines) && lines > 0 && lines <= 1_000_000) return lines;
  throw badValue(`--lines takes a whole number, not "${plainText(text, 20)}"`, 'lobsterpot egress log --lines 200');
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

function row(io: Io, { decision, end }: LogEntry): readonly string[] {
  const place = decision.port === 443 ? decision.host : `${decision.host}:${decision.port}`;
  const bytes = end ? `${end.up} up, ${end.down} down` : '';
  return [
    timeOf(decision.time),
    plainText(decision.client, 60),
    decision.verdict === 'deny' ? red(io, 'deny ') : 'allow',
    plainText(place, 120),
    decision.reason,
    bytes === '' ? plainText(decision.detail ?? '', 120) : bytes,
  ];
}
