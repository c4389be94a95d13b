import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

import type { EgressPlace } from '../../audit/egress-operations.ts';
import { currentServices, type Engine } from '../../converge/engine.ts';
import type { Site } from '../../converge/site.ts';
import { EXIT } from '../../core/exit-code.ts';
import { Problem } from '../../core/problem.ts';
import { askStream } from '../../hosts/ask-stream.ts';
import { parseRule } from '../../policy/rule.ts';
import { GATE } from '../../services/names.ts';

const ASK_MS = 10_000;
const POLICY = `services/${GATE}/config/policy.json`;
const OVERRIDES = `services/${GATE}/config/overrides.json`;
/** Where a gate keeps its trail, below the folder of its deployment. */
export const TRAIL = `services/${GATE}/state/trail`;

/** The gate of one host. */
export type SitePlace = EgressPlace & AsyncDisposable & { readonly host: string };

/** Where the gate of a host keeps its trail, is asked, and reads the operator's rules. */
export function placeOf(site: Site): SitePlace {
  const { host, root, runtime } = site;
  const copies: string[] = [];
  return {
    host: site.name,
    trailFolder: async () => {
      if (site.kind === 'process') return join(root, TRAIL);
      const copy = await copyTrail(site);
      copies.push(copy);
      return copy;
    },
    ask: async (line) => askStream(await runtime.connect(GATE, 'control'), line, { timeoutMs: ASK_MS }),
    readOverrides: async () => {
      const content = await host.read(join(root, OVERRIDES));
      return content && Buffer.from(content).toString('utf8');
    },
    writeOverrides: async (text) => host.write(join(root, OVERRIDES), text, await likePolicy(site)),
    [Symbol.asyncDispose]: async () => {
      for (const copy of copies) await rm(copy, { recursive: true, force: true });
    },
  };
}

/** A gate in a container keeps its trail on another file system, or on another host: it is read as a copy. */
async function copyTrail({ host, root }: Site): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lobsterpot-trail-'));
  const names = await host.list(join(root, TRAIL));
  // The gate's identity writes there: a name that is no trail file's is left alone.
  for (const name of names.filter((one) => /^[\w-][\w.-]{0,100}$/.test(one))) {
    const content = await host.read(join(root, TRAIL, name));
    if (content) await writeFile(join(folder, name), content, { mode: 0o600 });
  }
  return folder;
}

/** The rules lie beside the policy and must be readable for the same identity, and no other. */
async function likePolicy({
  host,
  root,
}: Site): Promise<{ readonly mode: number; readonly owner: { readonly uid: number; readonly gid: number } }> {
  const [state] = await host.stat([join(root, POLICY)]);
  if (state?.kind === 'file') return { mode: state.mode, owner: state.owner };
  throw new Problem('egress/not-up', 'the deployment is not up', { cause: 'its gate has no policy yet', fix: 'lobsterpot up' });
}

/** A host with an optional port, as a rule; a Problem says what to write instead. */
export function parsePlace(text: string): { readonly host: string; readonly port: number } {
  const rule = parseRule(text);
  if (!('message' in rule)) return rule;
  throw new Problem('egress/host', rule.message, { cause: 'it is not a host name with an optional port', fix: rule.fix, exit: EXIT.usage });
}

/** A service that can ask a gate, by its key in the file and its service name, and the host whose gate it asks. */
export type Client = { readonly key: string; readonly name: string; readonly host: string };

/** The services that can ask a gate. */
export async function clientsOf(engine: Engine): Promise<readonly Client[]> {
  const services = await currentServices(engine);
  return services.filter((one) => one.role === 'gateway' || one.role === 'node').map(({ key, name, host }) => ({ key, name, host }));
}

/** The client that the user named, by its key in the file (`nas`) or its service name (`node-nas`). */
export async function findClient(engine: Engine, asked: string | undefined): Promise<Client | undefined> {
  if (asked === undefined) return undefined;
  const clients = await clientsOf(engine);
  const found = clients.find((one) => one.name === asked || one.key === asked);
  if (found) return found;
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

/** Not a rule but whatever a client could ask for: hostile spellings are the gate's to judge. */
export function splitPort(text: string): readonly [string, number] {
  const match = /^(.*[^:]):(\d{1,5})$/.exec(text);
  if (match?.[1] !== undefined && match[2] !== undefined && (!match[1].includes(':') || match[1].endsWith(']')))
    return [match[1], Number(match[2])];
  return [text, 443];
}
