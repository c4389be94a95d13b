import { join } from 'node:path';

import { EXIT } from '../core/exit-code.ts';
import { Problem } from '../core/problem.ts';
import type { Host } from '../hosts/host.ts';
import { sshHost } from '../hosts/ssh/ssh-host.ts';
import { hostKeysIn, readHostKeys } from '../link/host-keys.ts';
import type { Deployment, HostEntry } from '../topology/deployment.ts';
import { dockerSite } from './docker-site.ts';
import type { Engine, Reach } from './engine.ts';
import { processSite } from './process-site.ts';
import { noRecords, readRecords } from './records.ts';
import type { HostRecord, Site } from './site.ts';

/** Opens a host at the first call: what it is, and the runtime for its services; a Problem where it cannot be opened. */
export type Opening = ReadonlyMap<string, () => Promise<Site>>;

/** `data`: where installed OpenClaw versions lie. `files`: what lies on the hosts is looked at too. */
type How = { readonly data: string; readonly files: boolean };

/** Every host of the file that something runs on, and every one that the file names no more and still holds what was put there. */
export async function openSites(engine: Engine, how: How): Promise<Opening> {
  const { deployment } = engine;
  // Damaged records are told of by the commands that need them; `down` does not.
  const { hosts: records } = (await readRecords(engine.local, engine.root).catch(() => undefined)) ?? noRecords(engine.file);
  const used = deployment.hosts.filter((host) => servicesOn(deployment, host.name).length > 0);
  const left = Object.entries(records).flatMap(([name, { place }]): readonly HostEntry[] =>
    place === undefined || used.some((one) => one.name === name) ? [] : [{ name, connect: place.connect }],
  );
  return new Map([
    ...used.map((host) => [host.name, once(() => openSite(engine, host, records[host.name] ?? {}, how))] as const),
    ...left.map((host) => [host.name, once(() => openLeft(engine, host, records[host.name] ?? {}))] as const),
  ]);
}

function once<T>(act: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => (done ??= act());
}

/** Opens all of them, side by side. */
export async function reachOf(opening: Opening): Promise<Reach> {
  const opened = await Promise.all([...opening].map(([name, open]) => orWhyNot(name, open())));
  return {
    sites: new Map(opened.flatMap(({ name, site }) => (site ? [[name, site] as const] : []))),
    unreachable: new Map(opened.flatMap(({ name, problem }) => (problem ? [[name, problem] as const] : []))),
  };
}

type Opened = { readonly name: string; readonly site?: Site; readonly problem?: Problem };

async function orWhyNot(name: string, opening: Promise<Site>): Promise<Opened> {
  try {
    return { name, site: await opening };
  } catch (error) {
    if (error instanceof Problem) return { name, problem: error };
    throw error;
  }
}

/** A host that the file names no more: what it holds was made from what is on record. */
async function openLeft(engine: Engine, host: HostEntry, record: HostRecord): Promise<Site> {
  const { deployment, root } = engine;
  const asked = { ...deployment, image: record.image?.asked ?? deployment.image };
  try {
    const machine = machineOf(engine, host);
    return await dockerSite({ deployment: asked, host, machine, record, root: () => record.place?.root ?? '', wanted: {} });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new Problem('converge/left-host', `host ${host.name} is not in the file any more and may still run what was put there`, {
      cause: `${error.message}: ${error.why}`,
      fix: `${error.fix} ; if that host is gone for good, take it out of "hosts" in ${join(root, 'records.json')}`,
      exit: error.exit,
      from: error,
    });
  }
}

function machineOf({ local }: Engine, { name, connect }: HostEntry): Host {
  return connect.kind === 'ssh' ? sshHost({ name, connect }) : { ...local, name };
}

async function openSite(engine: Engine, host: HostEntry, record: HostRecord, { data, files }: How): Promise<Site> {
  const { deployment, root } = engine;
  const machine = machineOf(engine, host);
  const services = servicesOn(deployment, host.name);
  const linked = files ? linksTo(deployment, host.name) : [];
  const opening = services.some((one) => one.runtime === 'docker')
    ? dockerSite({
        deployment,
        host,
        machine,
        record,
        root: ({ home }) => {
          if (host.dir !== undefined) return join(host.dir, deployment.name);
          return host.connect.kind === 'local' ? join(root, 'docker') : join(home ?? '/', '.local/state/lobsterpot', deployment.name);
        },
        wanted: linked.length === 0 ? {} : { keys: { server: true, accounts: linked } },
      })
    : processSite({ deployment, host, machine, root, data, services });
  const site = await opening;
  if (linked.length === 0) return site;
  const told = hostKeysIn(site.keys?.server ?? []);
  return { ...site, chosen: { ...site.chosen, hostKeys: told.length > 0 ? told : await hostKeysOf(machine, record) } };
}

/**
 * As they are on the host now: it is this machine, or one whose key the operator has just been asked about. A host that was set up
 * anew thus needs that one answer. What cannot be read any more is as it was.
 */
async function hostKeysOf(machine: Host, { hostKeys: recorded }: HostRecord): Promise<readonly string[]> {
  try {
    return await readHostKeys(machine);
  } catch (error) {
    if (recorded !== undefined && error instanceof Problem && error.exit !== EXIT.unreachable) return recorded;
    throw error;
  }
}

/** The accounts of a host that tunnels of other hosts lead to. */
function linksTo({ gateways, nodes }: Deployment, host: string): readonly string[] {
  const here = new Set(gateways.filter((one) => one.host === host).map((one) => one.name));
  return [...new Set(nodes.flatMap(({ link, gateway }) => (link && here.has(gateway) ? [link.user] : [])))];
}

function servicesOn(
  { gateways, nodes }: Deployment,
  host: string,
): readonly (Deployment['gateways'][number] | Deployment['nodes'][number])[] {
  return [...gateways, ...nodes].filter((one) => one.host === host);
}
