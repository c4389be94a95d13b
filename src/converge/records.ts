import { join } from 'node:path';

import { z } from 'zod';

import { stableJson } from '../core/json.ts';
import { Problem } from '../core/problem.ts';
import type { Host } from '../hosts/host.ts';
import { openingsSchema } from './openings.ts';
import { reasonLine } from './reason-line.ts';

/** What was chosen for a host once. */
export const hostRecordSchema = z.strictObject({
  image: z.strictObject({ asked: z.string(), pinned: z.string(), openclaw: z.string(), ipv6: z.boolean() }).exactOptional(),
  subnet: z.string().exactOptional(),
  hostKeys: z.array(z.string()).readonly().exactOptional(),
  place: z
    .strictObject({
      root: z.string(),
      connect: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('local') }),
        z.strictObject({
          kind: z.literal('ssh'),
          host: z.string(),
          user: z.string().exactOptional(),
          port: z.number().exactOptional(),
        }),
      ]),
    })
    .exactOptional(),
});

const recordsSchema = z.strictObject({
  version: z.literal(1),
  /** Absolute path of the file that this deployment was last brought up from. */
  file: z.string(),
  /** Enrolled nodes by name. */
  nodes: z.record(
    z.string(),
    z.strictObject({
      deviceId: z.string().regex(/^[0-9a-f]{64}$/),
      enrolledAt: z.iso.datetime(),
      /** SHA-256 of the exec policy that the node was given last. */
      execPolicy: z.string(),
    }),
  ),
  /** What was chosen for a host once, by its name. */
  hosts: z.record(z.string(), hostRecordSchema).default({}),
  /** Accounts that were given the key of a tunnel, also those of which the file says nothing any more. */
  accounts: z.array(z.strictObject({ host: z.string(), user: z.string() })).default([]),
  /** What the file let in and out when it was applied last; absent: it was never applied whole. */
  open: openingsSchema.exactOptional(),
  /** When the whole proof, interruptions included, was last run on this deployment. */
  provenAt: z.iso.datetime().optional(),
});

/** What lobsterpot learned while applying and cannot read off the file: kept in records.json. */
export type Records = z.infer<typeof recordsSchema>;

/** The records of a deployment that was never brought up. */
export function noRecords(file: string): Records {
  return { version: 1, file, nodes: {}, hosts: {}, accounts: [] };
}

/** undefined: there are none yet. A file that cannot be understood is a Problem, never an empty record. */
export async function readRecords(host: Host, root: string): Promise<Records | undefined> {
  const path = recordsPath(root);
  const content = await host.read(path);
  if (!content) return undefined;
  try {
    return recordsSchema.parse(JSON.parse(Buffer.from(content).toString('utf8')));
  } catch (error) {
    throw new Problem('converge/records', `the deployment's records ${path} cannot be understood`, {
      cause: `damaged, or from another version: ${reasonLine(error)}`,
      fix: `move the file away (mv ${path} ${path}.damaged), then run: lobsterpot up ; nodes are enrolled again, nothing else is lost`,
      from: error,
    });
  }
}

/** Replaces the records in one step. */
export async function writeRecords(host: Host, root: string, records: Records): Promise<void> {
  await host.write(recordsPath(root), stableJson(records), { mode: 0o600 });
}

function recordsPath(root: string): string {
  return join(root, 'records.json');
}
