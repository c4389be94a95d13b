import { join } from 'node:path';

import { Problem } from '../core/problem.ts';
import type { Redacted } from '../core/redacted.ts';
import type { Host } from '../hosts/host.ts';
import { gatewayTokenName } from '../services/names.ts';
import type { Service } from '../services/service.ts';
import type { Deployment } from '../topology/deployment.ts';
import type { Change } from './change.ts';
import { desiredOf, servicesOf, type Known } from './desired.ts';
import { diff, type Desired } from './diff.ts';
import { observe } from './observe.ts';
import type { Observation } from './observation.ts';
import { noRecords, readRecords, writeRecords, type Records } from './records.ts';
import { widenedBy } from './openings.ts';
import type { SecretStore } from './secret-store.ts';
import type { Site } from './site.ts';

/** Everything that planning and applying one deployment needs; made once a command. */
export type Engine = {
  readonly deployment: Deployment;
  /** Absolute path of the user's file. */
  readonly file: string;
  /** The machine that lobsterpot runs on. */
  readonly local: Host;
  /** Absolute folder there: records, journal, the operator's secrets. */
  readonly root: string;
  readonly store: SecretStore;
  /** The gate's one file, made or read at the first call. */
  readonly gateBundle: () => Promise<string>;
  /** Every host of the file, opened at the first call: what needs none asks none. A Problem where one of them cannot be opened. */
  sites(): Promise<ReadonlyMap<string, Site>>;
  /** One of them, without waiting for the others; undefined: nothing is on it. */
  site(name: string): Promise<Site | undefined>;
  /** The same for what can do without some of them: why the others could not be opened is told. */
  reach(): Promise<Reach>;
  /** The next call opens them anew. */
  forgetSites(): void;
};

/** The hosts that could be opened, and why the others could not. */
export type Reach = { readonly sites: ReadonlyMap<string, Site>; readonly unreachable: ReadonlyMap<string, Problem> };

export type Planned = {
  readonly desired: Desired;
  readonly seen: Observation;
  readonly changes: readonly Change[];
  readonly records: Records;
  /** What the file opens and did not when it was applied last. */
  readonly widened: readonly string[];
};

/** Reads what is there and says what must change. */
export async function plan(engine: Engine): Promise<Planned> {
  // A bundle is made, where it has to be, while the hosts are opened.
  const [sites, known] = await Promise.all([engine.sites(), knownOf(engine)]);
  const desired = desiredOf(engine.deployment, known, sites);
  const seen = await observe(engine, sites, [...desired.artifacts, ...desired.placedSecrets], known.records);
  return { desired, seen, changes: diff(desired, seen), records: known.records, widened: widenedBy(known.records.open, engine.deployment) };
}

/** The Services as they are compiled now. */
export async function currentServices(engine: Engine): Promise<readonly Service[]> {
  return servicesOf(engine.deployment, await knownOf(engine));
}

/** The site of a host, or of the host of a service. */
export async function siteOf(engine: Engine, of: { readonly host: string }): Promise<Site> {
  const site = await engine.site(of.host);
  if (site) return site;
  throw new TypeError(`no host ${of.host}`);
}

/** What the file alone does not say. */
export async function knownOf(engine: Engine): Promise<Known> {
  const [{ sites }, { records, names, gateBundle }] = await Promise.all([engine.reach(), knownHere(engine)]);
  const hostKeys = new Map([...sites].map(([name, site]) => [name, site.chosen.hostKeys ?? []]));
  return { gateBundle, presentSecrets: new Set(names), records, hostKeys };
}

async function knownHere(
  engine: Engine,
): Promise<{ readonly records: Records; readonly names: readonly string[]; readonly gateBundle: string }> {
  const [records, names] = await Promise.all([recordsOf(engine), engine.store.names()]);
  // Last: a bundler keeps this process from opening hosts for a moment.
  return { records, names, gateBundle: await engine.gateBundle() };
}

const turns = new WeakMap<Engine, Promise<unknown>>();

/** Reads, changes and writes the records; those who come while another is at it wait for their turn. */
export function updateRecords(engine: Engine, change: (records: Records) => Records): Promise<void> {
  const mine = (turns.get(engine) ?? Promise.resolve()).then(async () =>
    writeRecords(engine.local, engine.root, change(await recordsOf(engine))),
  );
  turns.set(
    engine,
    mine.catch(() => undefined),
  );
  return mine;
}

/** The records, which must be this file's: two files with one name would overwrite each other. */
export async function recordsOf(engine: Engine): Promise<Records> {
  const records = await readRecords(engine.local, engine.root);
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
  const records = await readRecords(engine.local, engine.root).catch(() => undefined);
  if (records) await refuseForeign(engine, records);
}

async function refuseForeign(engine: Engine, records: Records): Promise<void> {
  if (records.file === engine.file) return;
  const [other] = await engine.local.stat([records.file]);
  if (!other || other.kind === 'absent') return;
  throw new Problem('converge/name-taken', `a deployment named ${engine.deployment.name} exists on this machine`, {
    cause: `it was brought up from ${records.file}`,
    fix: `give this file another name, or remove the other: lobsterpot destroy --file ${records.file}`,
  });
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
