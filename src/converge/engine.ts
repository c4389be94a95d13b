import { join } from 'node:path';

import { Problem } from '../core/problem.ts';
import type { Redacted } from '../core/redacted.ts';
import type { Host } from '../hosts/host.ts';
import type { GatewayAddress } from '../openclaw/rpc.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { gatewayTokenName } from '../services/names.ts';
import type { Service } from '../services/service.ts';
import type { Deployment } from '../topology/deployment.ts';
import type { Change } from './change.ts';
import { desiredOf, servicesOf, type Known } from './desired.ts';
import { diff, type Desired } from './diff.ts';
import { observe } from './observe.ts';
import type { Observation } from './observation.ts';
import { noRecords, readRecords, type Records } from './records.ts';
import type { SecretStore } from './secret-store.ts';

/** Everything that planning and applying one deployment needs; made once a command. */
export type Engine = {
  readonly deployment: Deployment;
  /** Absolute path of the user's file. */
  readonly file: string;
  readonly host: Host;
  readonly root: string;
  readonly data: string;
  readonly runtime: Runtime;
  readonly containment: 'full' | 'none';
  readonly store: SecretStore;
  readonly gateBundle: string;
};

const RPC_MS = 15_000;

export type Planned = {
  readonly desired: Desired;
  readonly seen: Observation;
  readonly changes: readonly Change[];
  readonly records: Records;
};

/** Reads what is there and says what must change. */
export async function plan(engine: Engine): Promise<Planned> {
  const known = await knownOf(engine);
  const desired = desiredOf(engine.deployment, known, engine.runtime);
  const seen = await observe(engine, desired, known.records);
  return { desired, seen, changes: diff(desired, seen), records: known.records };
}

/** The Services as they are compiled now. */
export async function currentServices(engine: Engine): Promise<readonly Service[]> {
  return servicesOf(engine.deployment, await knownOf(engine));
}

async function knownOf(engine: Engine): Promise<Known> {
  const records = await recordsOf(engine);
  return { gateBundle: engine.gateBundle, presentSecrets: new Set(await engine.store.names()), records };
}

/** The records, which must be this file's: two files with one name would overwrite each other. */
export async function recordsOf(engine: Engine): Promise<Records> {
  const records = await readRecords(engine.host, engine.root);
  if (!records) return noRecords(engine.file);
  await refuseForeign(engine, records);
  // A file that was moved takes its deployment along.
  return { ...records, file: engine.file };
}

/**
 * Refuses a file that carries the name of another file's deployment: it must not reach that one's secrets, nor stop or remove it.
 * Damaged records say nothing of whose they are; the commands that need them tell of the damage.
 */
export async function refuseOtherFiles(engine: Engine): Promise<void> {
  const records = await readRecords(engine.host, engine.root).catch(() => undefined);
  if (records) await refuseForeign(engine, records);
}

async function refuseForeign(engine: Engine, records: Records): Promise<void> {
  if (records.file === engine.file) return;
  const [other] = await engine.host.stat([records.file]);
  if (!other || other.kind === 'absent') return;
  throw new Problem('converge/name-taken', `a deployment named ${engine.deployment.name} exists on this machine`, {
    cause: `it was brought up from ${records.file}`,
    fix: `give this file another name, or remove the other: lobsterpot destroy --file ${records.file}`,
  });
}

/** Where a gateway answers, and its token. */
export async function gatewayAddress(engine: Engine, name: string): Promise<GatewayAddress> {
  const gateway = engine.deployment.gateways.find((one) => one.name === name);
  if (!gateway) throw new TypeError(`no gateway ${name}`);
  return { url: `ws://127.0.0.1:${gateway.port}`, token: await gatewayToken(engine, name), timeoutMs: RPC_MS };
}

/** A gateway's token, from the operator's store. */
export async function gatewayToken(engine: Engine, name: string): Promise<Redacted> {
  const token = await engine.store.read(gatewayTokenName(name));
  if (token) return token;
  throw new Problem('converge/no-token', `gateway ${name} has no token yet`, { cause: 'it was never brought up', fix: 'lobsterpot up' });
}

/** Absolute path of the file that holds it. */
export function gatewayTokenFile(engine: Engine, name: string): string {
  return join(engine.root, 'secrets', gatewayTokenName(name));
}
