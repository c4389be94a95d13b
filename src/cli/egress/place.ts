import { userInfo } from 'node:os';
import { join } from 'node:path';

import type { EgressPlace } from '../../audit/egress-operations.ts';
import { plan, type Engine } from '../../converge/engine.ts';
import { EXIT } from '../../core/exit-code.ts';
import { Problem } from '../../core/problem.ts';
import { askUnix } from '../../hosts/unix-socket.ts';
import { parseRule } from '../../policy/rule.ts';
import { LAYOUT } from '../../runtimes/process/layout.ts';
import { GATE } from '../../services/names.ts';

const ASK_MS = 5000;

/** Where the gate of a deployment keeps its trail, is asked, and reads the operator's rules. */
export function egressPlace(engine: Engine): EgressPlace {
  const { host, root } = engine;
  const overrides = join(root, LAYOUT.config(GATE), 'overrides.json');
  return {
    trailFolder: trailFolder(engine),
    ask: (line) => askUnix(join(root, LAYOUT.socket(GATE, 'control')), line, { timeoutMs: ASK_MS }),
    readOverrides: async () => {
      const content = await host.read(overrides);
      return content && Buffer.from(content).toString('utf8');
    },
    writeOverrides: async (text) => host.write(overrides, text, await likePolicy(engine)),
  };
}

/** The gate's own trail, as the host sees it. */
export function trailFolder(engine: Engine): string {
  return join(engine.root, LAYOUT.state(GATE), 'trail');
}

/** The rules lie beside the policy and must be readable for the same identity, and no other. */
async function likePolicy(
  engine: Engine,
): Promise<{ readonly mode: number; readonly owner: { readonly uid: number; readonly gid: number } }> {
  const [state] = await engine.host.stat([join(engine.root, LAYOUT.config(GATE), 'policy.json')]);
  if (state?.kind === 'file') return { mode: state.mode, owner: state.owner };
  throw new Problem('egress/not-up', 'the deployment is not up', { cause: 'its gate has no policy yet', fix: 'lobsterpot up' });
}

/** A host with an optional port, as a rule; a Problem says what to write instead. */
export function parsePlace(text: string): { readonly host: string; readonly port: number } {
  const rule = parseRule(text);
  if (!('message' in rule)) return rule;
  throw new Problem('egress/host', rule.message, { cause: 'it is not a host name with an optional port', fix: rule.fix, exit: EXIT.usage });
}

/** The services that can ask the gate; a client is named by its key in the file (`nas`) or its service name (`node-nas`). */
export async function clientsOf(engine: Engine): Promise<readonly { readonly key: string; readonly name: string }[]> {
  const { desired } = await plan(engine);
  return desired.services.filter((one) => one.role !== 'gate').map(({ key, name }) => ({ key, name }));
}

/** The service name of a client that the user named. */
export async function findClient(engine: Engine, asked: string | undefined): Promise<string | undefined> {
  if (asked === undefined) return undefined;
  const clients = await clientsOf(engine);
  const found = clients.find((one) => one.name === asked || one.key === asked);
  if (found) return found.name;
  throw new Problem('egress/client', `there is no client "${asked.slice(0, 60)}"`, {
    cause: `this deployment has: ${clients.map((one) => one.key).join(', ')}`,
    fix: `--client ${clients[0]?.key ?? 'NAME'}`,
    exit: EXIT.usage,
  });
}

/** Who changes a rule, for the rule and the trail. */
export function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
