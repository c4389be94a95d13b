import { type OverrideChange, describePlace, listOverrides, takeBack, testEgress } from '../../audit/egress-operations.ts';
import type { Engine } from '../../converge/engine.ts';
import { takeLock } from '../../converge/lock.ts';
import { formatDuration } from '../../core/duration.ts';
import { EXIT, type ExitCode } from '../../core/exit-code.ts';
import { canonicalJson, stableJson } from '../../core/json.ts';
import { plainText } from '../../core/plain-text.ts';
import { Problem } from '../../core/problem.ts';
import { table, type Io } from '../io.ts';
import { askGates, tellUnchecked, uncheckedPart, type Unchecked } from './gates.ts';
import { type Client, type SitePlace, clientsOf, findClient, operatorName, parsePlace, splitPort } from './place.ts';

type Options = { readonly json?: boolean; readonly client?: string };

/** `egress forget`: the file's own rules decide again. A gate that was never told of the rule has nothing to forget. */
export async function forgetRule(io: Io, engine: Engine, text: string, options: Options): Promise<ExitCode> {
  const place = parsePlace(text);
  const client = await findClient(engine, options.client);
  await using _lock = await takeLock(engine.root, 'lobsterpot egress forget', () => undefined);
  const rule = { ...place, ...(client === undefined ? {} : { client: client.name }), by: operatorName() };
  const { answers, unchecked } = await askGates(engine, client, (gate) =>
    takeBack(gate, rule, Date.now()).catch((error: unknown) => {
      if (error instanceof Problem && error.code === 'audit/no-override') return error;
      throw error;
    }),
  );
  const change = asOne(answers.flatMap((one) => (one instanceof Problem ? [] : [one])));
  const never = answers.find((one) => one instanceof Problem);
  if (!change) throw never ?? new TypeError('a deployment has at least one gate');
  io.out(
    options.json === true
      ? stableJson({ ...change, ...uncheckedPart(unchecked) })
      : `forgot what was said of ${describePlace(change.rule)}; the file decides again\n`,
  );
  return tellUnchecked(io, unchecked);
}

/** `egress rules`: what operators said on top of the file. */
export async function listRules(io: Io, engine: Engine, options: Options): Promise<ExitCode> {
  const nowMs = Date.now();
  const { answers, unchecked } = await askGates(engine, undefined, (gate) => listOverrides(gate, nowMs));
  // What was said to several gates at once is one rule.
  const rules = [...new Map(answers.flat().map((rule) => [canonicalJson(rule), rule])).values()];
  if (options.json === true) io.out(stableJson({ rules, ...uncheckedPart(unchecked) }));
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
  return tellUnchecked(io, unchecked);
}

/** `egress test`: what the gate would say, for every client; nothing is sent. Exit 1 when one of them is denied. */
export async function testHosts(io: Io, engine: Engine, hosts: readonly string[], options: Options): Promise<ExitCode> {
  const asked = await findClient(engine, options.client);
  const clients = asked === undefined ? await clientsOf(engine) : [asked];
  const { answers, unchecked } = await askGates(engine, asked, async (gate) => {
    const results = [];
    for (const text of hosts) {
      const [host, port] = splitPort(text);
      for (const { name: client, host: at } of clients)
        if (gate.host === at) results.push({ client, ...(await testEgress(gate, { host, port, client })) });
    }
    return results;
  });
  const results = answers.flat();
  if (options.json === true) io.out(stableJson({ results, ...uncheckedPart(unchecked) }));
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
  return tellUnchecked(io, unchecked, results.every((one) => one.verdict.allowed) ? EXIT.ok : EXIT.findings);
}

/** Does the same at the gate of one client, or at every gate, and gives what came of it as one change. */
export async function atEach(
  engine: Engine,
  client: Client | undefined,
  act: (gate: SitePlace) => Promise<OverrideChange>,
): Promise<{ readonly change: OverrideChange; readonly unchecked: readonly Unchecked[] }> {
  const { answers, unchecked } = await askGates(engine, client, act);
  const change = asOne(answers);
  if (!change) throw new TypeError('a deployment has at least one gate');
  return { change, unchecked };
}

function asOne(changes: readonly OverrideChange[]): OverrideChange | undefined {
  const [first] = changes;
  return first && { ...first, closed: changes.reduce((sum, one) => sum + one.closed, 0) };
}
