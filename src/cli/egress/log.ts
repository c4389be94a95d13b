import { gateStatus } from '../../audit/control-client.ts';
import { followTrail, queryTrail, type LogEntry, type TrailFilter } from '../../audit/query-trail.ts';
import { type TrailCheck, verifyTrail } from '../../audit/verify-trail.ts';
import type { Engine } from '../../converge/engine.ts';
import { parseDuration } from '../../core/duration.ts';
import { EXIT, type ExitCode } from '../../core/exit-code.ts';
import { canonicalJson, stableJson } from '../../core/json.ts';
import { plainText } from '../../core/plain-text.ts';
import { Problem } from '../../core/problem.ts';
import { red, table, type Io } from '../io.ts';
import { egressPlaces, findClient, type Client, type SitePlace } from './place.ts';

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
  await using stack = new AsyncDisposableStack();
  const gates = (await egressPlaces(engine, client)).map((gate) => stack.use(gate));
  const read = await Promise.all(gates.map(async (gate) => queryTrail(await gate.trailFolder(), filter, limit)));
  const entries = read
    .flat()
    .toSorted((a, b) => a.decision.time - b.decision.time)
    .slice(-limit);
  if (options.json === true)
    io.out(options.follow === true ? entries.map((one) => `${canonicalJson(one)}\n`).join('') : stableJson({ entries }));
  else
    io.out(
      entries.length === 0
        ? 'nothing in the trail fits\n'
        : table([['time', 'client', 'verdict', 'host', 'reason', ''], ...entries.map((one) => row(io, one))]),
    );
  if (options.follow !== true) return EXIT.ok;
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  // Nobody reads on.
  process.stdout.once('error', () => stop.abort());
  await Promise.all(gates.map((gate) => follow(io, gate, filter, stop.signal, options.json === true)));
  return EXIT.ok;
}

async function follow(io: Io, gate: SitePlace, filter: TrailFilter, signal: AbortSignal, json: boolean): Promise<void> {
  for await (const decision of followTrail(await gate.trailFolder(), filter, signal)) {
    io.out(json ? `${canonicalJson({ decision })}\n` : table([row(io, { decision })]));
  }
}

async function verify(io: Io, engine: Engine, json: boolean): Promise<ExitCode> {
  await using stack = new AsyncDisposableStack();
  const gates = (await egressPlaces(engine)).map((gate) => stack.use(gate));
  const checks = await Promise.all(gates.map(async (gate) => ({ host: gate.host, ...(await checkTrail(gate)) })));
  const [only] = checks;
  if (checks.length === 1 && only)
    io.out(json ? stableJson({ ...only.check, comparedWithGate: only.compared }) : checkText(io, only.check, only.compared));
  else if (json) io.out(stableJson({ hosts: checks.map(({ host, check, compared }) => ({ host, ...check, comparedWithGate: compared })) }));
  else io.out(checks.map(({ host, check, compared }) => `${host}: ${checkText(io, check, compared)}`).join(''));
  return checks.every(({ check }) => check.ok) ? EXIT.ok : EXIT.findings;
}

async function checkTrail(gate: SitePlace): Promise<{ readonly check: TrailCheck; readonly compared: boolean }> {
  // A running gate knows where its trail ends, so that lines cut off at the end are missed too.
  const head = await gateStatus(gate.ask).then(
    (status) => status.trail,
    () => undefined,
  );
  return { check: await verifyTrail(await gate.trailFolder(), head), compared: head !== undefined };
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
  const since = options.since === undefined ? undefined : sinceMs(options.since);
  return {
    ...(since === undefined ? {} : { sinceMs: since }),
    ...(options.denied === true ? { denied: true } : {}),
    ...(client === undefined ? {} : { client: client.name }),
    ...(options.host === undefined ? {} : { host: options.host.toLowerCase() }),
  };
}

function sinceMs(text: string): number {
  const ago = parseDuration(text);
  if (ago !== undefined) return Date.now() - ago;
  throw usage(`--since takes a time like 30m, 2h or 1d, not "${plainText(text, 20)}"`, 'lobsterpot egress log --since 2h');
}

function limitOf(text: string): number {
  const lines = Number(text);
  if (Number.isInteger(lines) && lines > 0 && lines <= 1_000_000) return lines;
  throw usage(`--lines takes a whole number, not "${plainText(text, 20)}"`, 'lobsterpot egress log --lines 200');
}

function usage(what: string, fix: string): Problem {
  return new Problem('cli/value', what, { cause: 'the value cannot be read', fix, exit: EXIT.usage });
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
