import { z } from 'zod';

import { sha256 } from '../core/digest.ts';
import type { Rule } from '../policy/policy.ts';
import type { Deployment } from '../topology/deployment.ts';
import { looserBudgets, spendingOf, spendingSchema } from './spending.ts';

/**
 * What a deployment let out, in and near when it was applied last, as sentences that are compared; what it refused by name; the
 * gateways whose keys the gate alone had; and what each gateway might spend.
 */
export const openingsSchema = z.strictObject({
  open: z.array(z.string()),
  refused: z.array(z.string()),
  keyless: z.array(z.string()).exactOptional(),
  budgets: z.record(z.string(), spendingSchema).exactOptional(),
});

/** See `openingsSchema`. */
export type Openings = z.infer<typeof openingsSchema>;

/** Something that the file opens, and the wider sentences that would have contained it. */
type Opening = { readonly says: string; readonly within: readonly string[] };

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1']);

/** What the file opens: ways out, ways in, commands, folders, people. Sorted; pure. */
export function openingsOf(deployment: Deployment): Openings {
  const keyless = deployment.gateways.filter((one) => one.credentials === 'route').map((one) => one.name);
  return {
    open: unique(openings(deployment).map((one) => one.says)),
    refused: unique(deployment.egress.deny.map((rule) => described(rule))),
    ...(keyless.length === 0 ? {} : { keyless: unique(keyless) }),
    ...spendingOf(deployment),
  };
}

/** What the file opens and did not when it was applied last; nothing where it never was: then the whole file is the answer. Pure. */
export function widenedBy(before: Openings | undefined, deployment: Deployment): readonly string[] {
  if (!before) return [];
  const was = new Set(before.open);
  const refused = new Set(openingsOf(deployment).refused);
  const held = deployment.gateways.filter(({ name, credentials }) => credentials === 'file' && before.keyless?.includes(name) === true);
  const opened = openings(deployment).filter(({ says, within }) => !was.has(says) && !within.some((wider) => was.has(wider)));
  return [
    ...unique(opened.map((one) => one.says)),
    ...held.map(({ name }) => `gateway ${name} gets its keys as files, which its agent can read`),
    ...looserBudgets(before.budgets ?? {}, deployment),
    ...before.refused.filter((one) => !refused.has(one)).map((one) => `egress to ${one} is no longer refused by name`),
  ];
}

function openings({ egress, gateways, nodes, ca }: Deployment): readonly Opening[] {
  return [
    ...egress.allow.map(ruleOpening),
    ...(egress.mode === 'report' ? [plain('egress to everywhere: report mode refuses nothing that a policy may open')] : []),
    ...(ca === undefined ? [] : [plain(`egress.ca: another certificate authority is trusted (${sha256(ca).slice(0, 12)})`)]),
    ...gateways.flatMap((gateway) => [
      ...(LOOPBACK.has(gateway.bind) ? [] : [plain(`control ui of ${gateway.name} on ${gateway.bind}:${gateway.port}`)]),
      ...(gateway.memory
        ? [plain(`the notes of the agent of ${gateway.name} go to ${gateway.memory.search.provider}, to be searched`)]
        : []),
      ...(gateway.channels?.telegram?.allowFrom ?? []).map((who) => plain(`telegram ${who} may write to the agent of ${gateway.name}`)),
      ...(gateway.channels?.a2a?.peers ?? []).map(({ name, host, port, path }) =>
        plain(`the agent of ${gateway.name} may send tasks to ${name}, https://${host}:${port}${path}`),
      ),
    ]),
    ...nodes.flatMap(({ name, exec, volumes }) => [
      ...exec.map(({ path, args }) => {
        const any = `node ${name} may run ${path} with any arguments`;
        return args === undefined ? plain(any) : { says: `node ${name} may run ${path} with arguments like ${args}`, within: [any] };
      }),
      ...volumes.flatMap(({ path, readOnly }) => [
        plain(`node ${name} may read ${path}`),
        ...(readOnly ? [] : [plain(`node ${name} may write ${path}`)]),
      ]),
    ]),
    ...[...gateways, ...nodes].flatMap((one) => (one.containment === 'none' ? [plain(`${one.name} on ${one.host} is not contained`)] : [])),
  ];
}

function plain(says: string): Opening {
  return { says, within: [] };
}

/** A rule lies within the same one for every client, without an end, and for a domain above. */
function ruleOpening(rule: Rule): Opening {
  const { client: _client, until: _until, ...always } = rule;
  const above = rule.host.split('.').map((_, at, labels) => `*.${labels.slice(at + 1).join('.')}`);
  const wider = [rule, { ...always, ...(rule.client === undefined ? {} : { client: rule.client }) }, always];
  const hosts = [rule.host, ...above.filter((host) => host !== '*.')];
  return {
    says: `egress to ${described(rule)}`,
    within: wider.flatMap((one) => hosts.map((host) => `egress to ${described({ ...one, host })}`)),
  };
}

// A rule that ends by itself is another one at another time.
function described({ host, port, client, until }: Omit<Rule, 'source'>): string {
  return [`${host}:${port}`, ...(client === undefined ? [] : [`for ${client}`]), ...(until === undefined ? [] : [`until ${until}`])].join(
    ' ',
  );
}

function unique(all: readonly string[]): string[] {
  return [...new Set(all)].toSorted();
}
