import * as z from 'zod/mini';

import { stableJson } from '../../core/json.ts';
import { Problem, reasonOf } from '../../core/problem.ts';
import type { Service } from '../../services/service.ts';

const count = z.int().check(z.nonnegative());
const name = z.string().check(z.regex(/^[a-z][a-z0-9-]{0,80}$/));
const port = z.int().check(z.gte(1), z.lte(65_535));

const health = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('http'), path: z.string(), timeoutMs: count }),
  z.object({
    kind: z.literal('ready-line'),
    text: z.string(),
    timeoutMs: count,
    ask: z.exactOptional(z.object({ listener: name, line: z.string() })),
  }),
  z.object({ kind: z.literal('running'), timeoutMs: count }),
]);

const service = z.object({
  name,
  hostname: z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,62}$/)),
  command: z.array(z.string()).check(z.minLength(1)),
  env: z.record(z.string(), z.string()),
  network: z.enum(['none', 'outside']),
  listeners: z.array(z.object({ name, toPort: z.exactOptional(port) })),
  forwards: z.array(z.object({ port, service: name, listener: name })),
  published: z.array(z.object({ address: z.string(), port, listener: name })),
  limits: z.object({
    memoryMiB: count,
    processes: count,
    openFiles: count,
    fileMiB: count,
    tmpMiB: count,
    diskMiB: z.exactOptional(count),
  }),
  health,
  stopGraceMs: count,
});

const spec = z.object({
  version: z.literal(1),
  deployment: z.string(),
  containment: z.enum(['full', 'none']),
  platform: z.enum(['linux', 'darwin']),
  arch: z.enum(['x64', 'arm64']),
  /** Absolute folder of the OpenClaw runtime. */
  runtime: z.string().check(z.startsWith('/')),
  identity: z.object({ uid: count, gid: count }),
  service,
  /** Digest of every file whose change needs a restart: a service started before such a change differs from this. */
  digest: z.string(),
});

/** What the supervisor needs to run one service; its file is `spec.json`. */
export type Spec = z.infer<typeof spec>;

/** The part of a Service that decides how it runs. */
export type SpecService = Spec['service'];

/** Only what the specification knows, in its own shape. */
export function specService(from: Service): SpecService {
  const { hostname, command, env, network, listeners, forwards, published, limits, health: how, stopGraceMs } = from;
  return {
    name: from.name,
    hostname,
    command: [...command],
    env: { ...env },
    network,
    listeners: [...listeners],
    forwards: [...forwards],
    published: [...published],
    limits,
    health: how,
    stopGraceMs,
  };
}

/** The bytes of `spec.json`. */
export function specText(value: Spec): string {
  return stableJson(value);
}

/** Reads a `spec.json`; a Problem names the service and the first mistake. */
export function parseSpec(text: string, of: string): Spec {
  try {
    const value = spec.parse(JSON.parse(text));
    if (value.service.name !== of) throw new Error(`it is the specification of ${value.service.name}`);
    return value;
  } catch (error) {
    throw new Problem('process/spec', `the specification of ${of} is not valid`, {
      cause: reasonOf(error).slice(0, 300),
      fix: 'write it again with: lobsterpot up',
      from: error,
    });
  }
}
