import * as z from 'zod/mini';

import { stableJson } from '../../core/json.ts';
import { Problem, reasonOf } from '../../core/problem.ts';

const text = z.string();
const list = <T extends z.ZodMiniType>(of: T): z.ZodMiniReadonly<z.ZodMiniArray<T>> => z.readonly(z.array(of));
const count = z.int().check(z.nonnegative());
const port = z.int().check(z.gte(1), z.lte(65_535));
const point = z.object({ host: z.ipv4(), port });

const launch = z.object({
  command: list(text),
  env: z.record(text, text),
  cwd: text,
  home: text,
  graceMs: count,
  listeners: list(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('pass'), name: text, at: list(point), toPort: port }),
      z.object({ kind: z.literal('hand'), name: text, fd: count, at: z.union([point, z.object({ path: text })]) }),
    ]),
  ),
  forwards: list(z.object({ port, to: point })),
  sinkholes: list(z.ipv4()),
  recorders: z.exactOptional(z.readonly(z.record(z.string(), point))),
  health: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('http'), path: text, port }),
    z.object({
      kind: z.literal('ready-line'),
      text,
      ask: z.exactOptional(z.object({ at: z.union([point, z.object({ path: text })]), line: text })),
    }),
    z.object({ kind: z.literal('running') }),
  ]),
  disk: z.exactOptional(z.object({ limitMiB: count, place: text })),
});

const container = z.object({
  image: text,
  hostname: text,
  identity: z.object({ uid: count, gid: count }),
  env: z.record(text, text),
  memoryMiB: z.exactOptional(count),
  limitSwap: z.boolean(),
  pids: z.exactOptional(count),
  processes: z.exactOptional(count),
  cpus: z.exactOptional(z.number()),
  cpuset: z.exactOptional(text),
  cpuShares: count,
  openFiles: count,
  fileBytes: count,
  tmpfs: list(text),
  mounts: list(z.object({ source: text, target: text, readOnly: z.boolean() })),
  networks: list(z.object({ key: text, address: z.ipv4(), beside: z.ipv4() })),
  dns: list(z.ipv4()),
  sysctls: z.record(text, text),
  ports: list(text),
  stopSeconds: count,
  startSeconds: count,
});

const spec = z.object({
  version: z.literal(1),
  deployment: text,
  service: text,
  container,
  /** Read by the launcher inside. */
  launch,
  /** Digest of every file whose change needs a restart. */
  digest: text,
});

/** What one service's container is made from and what its launcher does; its file is `spec.json`. */
export type Spec = z.infer<typeof spec>;

/** The bytes of `spec.json`. */
export function specText(value: Spec): string {
  return stableJson(value);
}

/** Reads a `spec.json`; a Problem names the service and the first mistake. */
export function parseSpec(from: string, service: string): Spec {
  try {
    const value = spec.parse(JSON.parse(from));
    if (value.service !== service) throw new Error(`it is the specification of ${value.service}`);
    return value;
  } catch (error) {
    throw new Problem('docker/spec', `the specification of ${service} is not valid`, {
      cause: reasonOf(error).slice(0, 300),
      fix: 'write it again with: lobsterpot up',
      from: error,
    });
  }
}
