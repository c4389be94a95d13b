import { join } from 'node:path';

import { z } from 'zod';

import { sha256 } from '../core/digest.ts';
import { stableJson } from '../core/json.ts';
import type { Host } from '../hosts/host.ts';
import type { Deployment } from '../topology/deployment.ts';
import type { Desired } from './diff.ts';
import { SECRET_MODE } from './diff.ts';

const ownerSchema = z.strictObject({ uid: z.number(), gid: z.number() });

const appliedSchema = z.strictObject({
  version: z.literal(1),
  at: z.iso.datetime(),
  /** What the user typed. */
  command: z.string(),
  openclaw: z.string(),
  /** Paths are relative to the deployment's folder on that host; a secret's digest is that of its value. */
  files: z.array(
    z.strictObject({
      host: z.string(),
      path: z.string(),
      service: z.string(),
      kind: z.enum(['folder', 'file', 'secret']),
      mode: z.number(),
      owner: ownerSchema,
      sha256: z.string().exactOptional(),
    }),
  ),
  services: z.array(z.strictObject({ host: z.string(), name: z.string(), spec: z.string().exactOptional() })),
  /** Node name -> the commands that it was let run. */
  exec: z.record(z.string(), z.array(z.strictObject({ path: z.string(), args: z.string().exactOptional() }))),
});

/** What the last run that went through left on every host: what `drift` compares with and a failed run goes back to. */
export type Applied = z.infer<typeof appliedSchema>;

/** What was made so. Pure. */
export function appliedFrom(
  desired: Desired,
  deployment: Deployment,
  secrets: ReadonlyMap<string, string>,
  run: { readonly at: string; readonly command: string },
): Applied {
  const files = desired.artifacts.map(({ host, path, service, kind, mode, owner, ...rest }) => ({
    host,
    path,
    service,
    kind,
    mode,
    owner,
    ...('content' in rest ? { sha256: sha256(rest.content) } : {}),
  }));
  const placed = desired.placedSecrets.map(({ host, path, service, owner, secret }) => {
    const digest = secrets.get(secret);
    return { host, path, service, kind: 'secret' as const, mode: SECRET_MODE, owner, ...(digest === undefined ? {} : { sha256: digest }) };
  });
  const specs = new Map(files.map((one) => [`${one.host} ${one.path}`, one.sha256]));
  return {
    version: 1,
    ...run,
    openclaw: deployment.openclaw,
    files: [...files, ...placed],
    services: desired.services.map(({ host, name }) => {
      const spec = specs.get(`${host} services/${name}/spec.json`);
      return { host, name, ...(spec === undefined ? {} : { spec }) };
    }),
    exec: Object.fromEntries(deployment.nodes.map((node) => [node.name, node.exec.map((one) => ({ ...one }))])),
  };
}

/** undefined: no run went through, or what it left cannot be read any more; the next `up` writes it anew. */
export async function readApplied(host: Host, root: string): Promise<Applied | undefined> {
  const content = await host.read(pathOf(root));
  if (!content) return undefined;
  try {
    return appliedSchema.parse(JSON.parse(Buffer.from(content).toString('utf8')));
  } catch {
    return undefined;
  }
}

/** Replaces it in one step. */
export async function writeApplied(host: Host, root: string, applied: Applied): Promise<void> {
  await host.write(pathOf(root), stableJson(applied), { mode: 0o600 });
}

function pathOf(root: string): string {
  return join(root, 'applied.json');
}
