import { z } from 'zod';
import { canonicalJson } from '../core/json.ts';
import { execPolicyDocument, type ExecRule } from './exec-policy.ts';

const ENTRY = z.object({ pattern: z.string(), argPattern: z.string().optional(), source: z.string().optional() });
const POLICY = z.strictObject({
  security: z.string().optional(),
  ask: z.string().optional(),
  askFallback: z.string().optional(),
  autoAllowSkills: z.boolean().optional(),
});
const SECTION = POLICY.extend({ allowlist: z.array(ENTRY).optional(), mcpTools: z.array(z.unknown()).optional() });
const DOCUMENT = z.object({ version: z.literal(1), defaults: POLICY, agents: z.record(z.string(), SECTION) });

/**
 * How the policy that a node enforces differs from its rules; undefined when it is the same. Ids and times that
 * OpenClaw adds are not looked at; anything it could have been widened with is.
 */
export function execPolicyDrift(document: unknown, rules: readonly ExecRule[]): string | undefined {
  if (document === undefined) return 'the node has no exec policy, which means full access';
  const wanted = DOCUMENT.parse(JSON.parse(execPolicyDocument(rules)));
  const parsed = DOCUMENT.safeParse(document);
  if (!parsed.success) return 'the exec policy of the node is not of the known form';
  if (key(parsed.data.defaults) !== key(wanted.defaults)) return 'the defaults of the exec policy were changed';
  const agents = Object.keys(parsed.data.agents);
  // An agent's own section would be merged with `*`.
  const other = agents.find((agent) => agent !== '*');
  if (other !== undefined) return `the exec policy has a section of its own for agent ${JSON.stringify(other)}`;
  if (key(parsed.data.agents['*'] ?? {}) !== key(wanted.agents['*'] ?? {})) return 'the allow-list of the exec policy was changed';
  return undefined;
}

function key(section: z.output<typeof SECTION>): string {
  const { allowlist = [], mcpTools = [], ...rest } = section;
  const entries = allowlist.map((one) => JSON.stringify([one.pattern, one.argPattern ?? null, one.source ?? null])).toSorted();
  return canonicalJson([rest, entries, mcpTools]);
}
