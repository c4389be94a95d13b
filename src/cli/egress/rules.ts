import {
  type Explanation,
  type OverrideChange,
  describePlace,
  explainEgress,
  listOverrides,
  override,
  pendingEgress,
  takeBack,
  testEgress,
} from '../../audit/egress-operations.ts';
import type { Engine } from '../../converge/engine.ts';
import { takeLock } from '../../converge/lock.ts';
import { formatDuration, parseDuration } from '../../core/duration.ts';
import { EXIT, type ExitCode } from '../../core/exit-code.ts';
import { canonicalJson, stableJson } from '../../core/json.ts';
import { plainText } from '../../core/plain-text.ts';
import { Problem } from '../../core/problem.ts';
import { table, type Io } from '../io.ts';
import { type Client, type SitePlace, clientsOf, egressPlaces, findClient, operatorName, parsePlace } from './place.ts';

type Options = { readonly json?: boolean; readonly client?: string; readonly for?: string };

/** `egress allow` and `egress deny`: in force at once, without a restart; recorded in the trail with who and when. */
export async function setRule(io: Io, engine: Engine, verdict: 'allow' | 'deny', text: string, options: Options): Promise<ExitCode> {
  const place = parsePlace(text);
  const client = await findClient(engine, options.client);
  const lasts = options.for === undefined ? undefined : lifetime(options.for);
  const atMs = Date.now();
  await using _lock = await takeLock(engine.root, `lobsterpot egress ${verdict}`, () => undefined);
  const change = await atEach(engine, client, (gate) =>
    override(gate, {
      verdict,
      ...place,
      ...(client === undefined ? {} : { client: client.name }),
      ...(lasts === undefined ? {} : { until: atMs + lasts }),
      by: operatorName(),
      atMs,
    }),
  );
  if (options.json === true) io.out(stableJson(change));
  else {
    const until = change.rule.until === undefined ? 'until you take it back' : `until ${new Date(change.rule.until).toISOString()}`;
    const closed = change.closed === 0 ? '' : `; ${change.closed} open connections were ended`;
    io.out(
      `${verdict === 'allow' ? 'allowed' : 'denied'} ${describePlace(change.rule)} ${until}${closed}\ntake it back: lobsterpot egress forget ${describePlace(change.rule)}\n`,
    );
  }
  return EXIT.ok;
}

/** `egress forget`: the file's own rules decide again. */
export async function forgetRule(io: Io, engine: Engine, text: string, options: Options): Promise<ExitCode> {
  const place = parsePlace(text);
  const client = await findClient(engine, options.client);
  await using _lock = await takeLock(engine.root, 'lobsterpot egress forget', () => undefined);
  const change = await atEach(engine, client, (gate) =>
    takeBack(gate, { ...place, ...(client === undefined ? {} : { client: client.name }), by: operatorName() }, Date.now()),
  );
  io.out(options.json === true ? stableJson(change) : `forgot what was said of ${describePlace(change.rule)}; the file decides again\n`);
  return EXIT.ok;
}

/** `egress rules`: what operators said on top of the file. */
export async function listRules(io: Io, engine: Engine, options: Options): Promise<ExitCode> {
  const nowMs = Date.now();
  const all = (await Promise.all((await egressPlaces(engine)).map((gate) => listOverrides(gate, nowMs)))).flat();
  // What was said to several gates at once is one rule.
  const rules = [...new Map(all.map((rule) => [canonicalJson(rule), rule])).values()];
  if (options.json === true) io.out(stableJson({ rules }));
  else if (rules.length === 0) io.out('no rule beside those of the file\n');
  else {
    io.out(
      table(
        rules.map((rule) => [
          rule.verdict,
          describePlace(rule),
          rule.until === undefined ? 'for good' : `for ${formatDuration(rule.until - Date.now())} more`,
          `by ${plainText(rule.by, 60)}, ${formatDuration(Date.now() - rule.atMs)} ago`,
        ]),
      ),
    );
  }
  return EXIT.ok;
}

/** `egress test`: what the gate would say, for every client; nothing is sent. Exit 1 when one of them is denied. */
export async function testHosts(io: Io, engine: Engine, hosts: readonly string[], options: Options): Promise<ExitCode> {
  const asked = await findClient(engine, options.client);
  const clients = asked === undefined ? await clientsOf(engine) : [asked];
  const gates = await egressPlaces(engine);
  const results = [];
  for (const text of hosts) {
    const [host, port] = splitPort(text);
    for (const { name: client, host: at } of clients) {
      const gate = gates.find((one) => one.host === at);
      if (gate) results.push({ client, ...(await testEgress(gate, { host, port, client })) });
    }
  }
  if (options.json === true) io.out(stableJson({ results }));
  else {
    io.out(
      table(
        results.map((one) => [
          one.verdict.allowed ? 'allow' : 'deny',
          describePlace(one),
          one.client,
          one.verdict.reason,
          plainText(one.verdict.rule ?? one.detail ?? '', 120),
        ]),
      ),
    );
  }
  return results.every((one) => one.verdict.allowed) ? EXIT.ok : EXIT.findings;
}

/** `egress pending`: what was denied and nobody decided about yet. */
export async function listPending(io: Io, engine: Engine, options: Options): Promise<ExitCode> {
  const all = await Promise.all((await egressPlaces(engine)).map((gate) => pendingEgress(gate)));
  const pending = all.flat().toSorted((a, b) => b.lastMs - a.lastMs);
  if (options.json === true) io.out(stableJson({ pending }));
  else if (pending.length === 0) io.out('nothing waits: no host was denied since the gate started\n');
  else {
    const rows = pending.map((one) => [
      describePlace(one),
      one.client,
      String(one.count),
      `${formatDuration(Date.now() - one.lastMs)} ago`,
      one.reason,
    ]);
    io.out(
      `${table([['host', 'asked by', 'times', 'last', 'why denied'], ...rows])}allow: lobsterpot egress allow HOST [--for 1h]      explain: lobsterpot egress explain HOST\n`,
    );
  }
  return EXIT.ok;
}

/** `egress explain`: who asked for a host, how often, which rule decides, and what to type. */
export async function explainHost(io: Io, engine: Engine, text: string, options: Options): Promise<ExitCode> {
  const [host, port] = splitPort(text);
  const clients = await clientsOf(engine);
  const explained = await explainAll(engine, { host, port }, clients);
  if (options.json === true) {
    io.out(stableJson(explained));
    return EXIT.ok;
  }
  const seen = explained.seen.map((one) => [
    'seen',
    one.client,
    `${one.allowed} allowed, ${one.denied} denied`,
    `last ${formatDuration(Date.now() - one.lastMs)} ago`,
  ]);
  const now = explained.now.map((one) => [
    'now',
    one.client,
    one.verdict.allowed ? 'allowed' : 'denied',
    plainText(`${one.verdict.reason} ${one.verdict.rule ?? ''}`, 160),
  ]);
  io.out(`${describePlace(explained)}\n${table([...(seen.length === 0 ? [['seen', 'never asked for']] : seen), ...now])}`);
  io.out(explained.next === undefined ? 'no rule opens it\n' : `to change it: ${explained.next}\n`);
  return EXIT.ok;
}

/** Does the same at the gate of one client, or at every gate, and gives what came of it as one change. */
async function atEach(
  engine: Engine,
  client: Client | undefined,
  act: (gate: SitePlace) => Promise<OverrideChange>,
): Promise<OverrideChange> {
  const changes: OverrideChange[] = [];
  for (const gate of await egressPlaces(engine, client)) changes.push(await act(gate));
  const [first] = changes;
  if (!first) throw new TypeError('a deployment has at least one gate');
  return { ...first, closed: changes.reduce((sum, one) => sum + one.closed, 0) };
}

async function explainAll(
  engine: Engine,
  target: { readonly host: string; readonly port: number },
  clients: readonly Client[],
): Promise<Explanation> {
  await using stack = new AsyncDisposableStack();
  const gates = (await egressPlaces(engine)).map((gate) => stack.use(gate));
  const all = await Promise.all(
    gates.map((gate) =>
      explainEgress(gate, { ...target, clients: clients.filter((one) => one.host === gate.host).map((one) => one.name) }),
    ),
  );
  const [first] = all;
  if (!first) throw new TypeError('a deployment has at least one gate');
  return { ...first, now: all.flatMap((one) => one.now), seen: all.flatMap((one) => one.seen) };
}

function lifetime(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new Problem('cli/value', `--for takes a time like 10m, 1h or 2d, not "${plainText(text, 20)}"`, {
    cause: 'the value cannot be read',
    fix: 'lobsterpot egress allow HOST --for 1h',
    exit: EXIT.usage,
  });
}

/** Not a rule but whatever a client could ask for: hostile spellings are the gate's to judge. */
function splitPort(text: string): readonly [string, number] {
  const match = /^(.*[^:]):(\d{1,5})$/.exec(text);
  if (match?.[1] !== undefined && match[2] !== undefined && (!match[1].includes(':') || match[1].endsWith(']')))
    return [match[1], Number(match[2])];
  return [text, 443];
}
