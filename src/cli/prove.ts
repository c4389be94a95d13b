import { controlGate } from '../audit/control-client.ts';
import { queryTrail } from '../audit/query-trail.ts';
import { readHostView } from '../checks/host/host-view.ts';
import type { LinkAccess } from '../checks/links/link-checks.ts';
import type { EngineAccess } from '../checks/proof-input.ts';
import { prove } from '../checks/prove.ts';
import { countFindings, isGreen, type Counts } from '../checks/report/summary.ts';
import { plan, updateRecords, type Engine, type Planned } from '../converge/engine.ts';
import { openDoor } from '../converge/gateway-door.ts';
import type { Site } from '../converge/site.ts';
import type { Finding } from '../core/finding.ts';
import type { Redacted } from '../core/redacted.ts';
import { dockerCommand, dockerEnvironment } from '../hosts/docker-command.ts';
import type { GatewayAddress } from '../openclaw/rpc.ts';
import { parseOverrides, withOverrides } from '../policy/overrides.ts';
import type { EgressPolicy } from '../policy/policy.ts';
import { linkService } from '../services/names.ts';
import { operatorName, placeOf, type SitePlace } from './egress/place.ts';

/** `green`: everything was tried and held. `held`: nothing failed, and what could not be tried is told. */
export type Proof = {
  readonly green: boolean;
  readonly held: boolean;
  readonly counts: Counts;
  readonly ms: number;
  readonly findings: readonly Finding[];
};

const MOST_TRAIL_LINES = 10_000;
const MOST_PROOF_MS = 60_000;

/** Proves every host of a deployment, side by side, and remembers that the interrupting part was run once. */
export async function proveDeployment(engine: Engine, options: { readonly disruptive: boolean }): Promise<Proof> {
  const begin = performance.now();
  const planned = await plan(engine);
  const sites = [...(await engine.sites()).values()];
  const addresses = sites.length === 1 ? new Map<string, readonly string[]>() : await addressesOf(sites);
  const all = await Promise.all(
    sites.map(async (site) => {
      const own = new Set(addresses.get(site.name));
      const others = [...addresses].flatMap(([name, list]) => (name === site.name ? [] : list)).filter((one) => !own.has(one));
      const found = await proveSite(engine, planned, site, { disruptive: options.disruptive, otherHosts: [...new Set(others)] });
      return sites.length === 1 ? found : found.map((finding) => ({ ...finding, subject: `${site.name}/${finding.subject}` }));
    }),
  );
  const findings = all.flat();
  const counts = countFindings(findings);
  const held = findings.length > 0 && counts.fail === 0;
  if (held && options.disruptive) {
    await updateRecords(engine, (records) => ({ ...records, provenAt: new Date().toISOString() }));
  }
  return { green: isGreen(findings), held, counts, ms: performance.now() - begin, findings };
}

/** Gathers what the checks of one host need, and runs them. */
async function proveSite(
  engine: Engine,
  { desired, records }: Planned,
  site: Site,
  { disruptive, otherHosts }: { readonly disruptive: boolean; readonly otherHosts: readonly string[] },
): Promise<readonly Finding[]> {
  await using place = placeOf(site);
  await using doors = new AsyncDisposableStack();
  const owners = new Map(desired.artifacts.filter((one) => one.host === site.name).map((one) => [one.path, one.owner.uid]));
  const quiet = (forMs: number): Promise<unknown> => controlGate(place.ask, { op: 'proof', by: operatorName(), forMs });
  // Best effort: a gate that does not answer is what the proof itself will find.
  await quiet(MOST_PROOF_MS).catch(() => undefined);
  // It looks for a new policy once a second; what is tried is the one that was just written.
  await controlGate(place.ask, { op: 'reload' }).catch(() => undefined);
  const here = { gateways: engine.deployment.gateways.filter((one) => one.host === site.name) };
  const gateways = new Map<string, GatewayAddress>();
  for (const { name } of here.gateways) gateways.set(name, doors.use(await openDoor(engine, name)).address);
  const isFirst = [...(await engine.sites()).keys()][0] === site.name;
  const findings = await prove({
    deployment: { ...engine.deployment, ...here },
    services: desired.services.filter((one) => one.host === site.name),
    kind: site.kind,
    runtime: site.runtime,
    host: site.host,
    machine: site.machine,
    isLocal: site.machine === engine.local,
    ...(site.kind === 'docker' ? { docker: await engineAccess(site) } : {}),
    root: site.root,
    ...(isFirst ? { store: { host: engine.local, root: engine.root, uid: process.getuid?.() ?? 0 } } : {}),
    otherHosts,
    policy: await policyInForce(engine, place),
    uidOf: (service) => owners.get(`services/${service}/state`) ?? -1,
    secrets: await secretsOf(engine),
    gateways,
    deviceIds: new Map(Object.entries(records.nodes).map(([name, node]) => [name, node.deviceId])),
    links: await linksOf(engine, site),
    denied: async (sinceMs) =>
      (await queryTrail(await place.trailFolder(), { sinceMs, denied: true }, MOST_TRAIL_LINES)).map((entry) => entry.decision),
    disruptive,
  });
  await quiet(0).catch(() => undefined);
  return findings;
}

/** Addresses of every host; one that does not tell them is known by none. */
async function addressesOf(sites: readonly Site[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const views = await Promise.all(
    sites.map(async ({ name, machine }) => {
      const view = await readHostView(machine).catch(() => undefined);
      return [name, view?.addresses ?? []] as const;
    }),
  );
  return new Map(views);
}

/** How the engine of a host is asked, and what it can. */
async function engineAccess({ name, machine }: Site): Promise<EngineAccess> {
  const facts = await machine.facts({ docker: true });
  const command = dockerCommand(name, facts);
  const info = facts.docker?.kind === 'ready' ? facts.docker.info : undefined;
  return {
    command,
    env: dockerEnvironment(facts),
    traits: {
      seccomp: info?.SecurityOptions.some((one) => one.includes('seccomp')) ?? false,
      cgroupVersion: info?.CgroupVersion === '2' ? '2' : '1',
      ...(info ? { kernel: info.KernelVersion } : {}),
    },
  };
}

/** What a link's probe may leave behind on the gateway's host is removed there. */
async function linksOf(engine: Engine, site: Site): Promise<ReadonlyMap<string, LinkAccess>> {
  const { gateways, nodes } = engine.deployment;
  const sites = await engine.sites();
  const linked = nodes.filter((node) => node.host === site.name && node.link !== undefined);
  return new Map(
    linked.map((node) => {
      const far = sites.get(gateways.find((one) => one.name === node.gateway)?.host ?? '');
      const clear = async (path: string): Promise<void> => far?.machine.remove(path).catch(() => undefined);
      return [linkService(node.name), { clear }] as const;
    }),
  );
}

async function policyInForce(engine: Engine, place: SitePlace): Promise<EgressPolicy> {
  const text = await place.readOverrides();
  const overrides = text === undefined ? undefined : parseOverrides(text);
  if (!overrides || 'invalid' in overrides) return engine.deployment.egress;
  return withOverrides(engine.deployment.egress, overrides, Date.now());
}

async function secretsOf(engine: Engine): Promise<ReadonlyMap<string, Redacted>> {
  const found = await Promise.all((await engine.store.names()).map(async (name) => [name, await engine.store.read(name)] as const));
  return new Map(found.flatMap(([name, value]) => (value ? [[name, value] as const] : [])));
}
