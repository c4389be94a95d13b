import { controlGate } from '../audit/control-client.ts';
import { queryTrail } from '../audit/query-trail.ts';
import { prove } from '../checks/prove.ts';
import { countFindings, isGreen, type Counts } from '../checks/report/summary.ts';
import { gatewayAddress, plan, type Engine } from '../converge/engine.ts';
import { writeRecords } from '../converge/records.ts';
import type { Finding } from '../core/finding.ts';
import type { Redacted } from '../core/redacted.ts';
import { parseOverrides, withOverrides } from '../policy/overrides.ts';
import type { EgressPolicy } from '../policy/policy.ts';
import { egressPlace, operatorName, trailFolder } from './egress/place.ts';

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

/** Gathers what the checks need, runs them, and remembers that the interrupting part was run once. */
export async function proveDeployment(engine: Engine, options: { readonly disruptive: boolean }): Promise<Proof> {
  const begin = performance.now();
  const { desired, records } = await plan(engine);
  const owners = new Map(desired.artifacts.map((one) => [one.path, one.owner.uid]));
  const { ask } = egressPlace(engine);
  const quiet = (forMs: number): Promise<unknown> => controlGate(ask, { op: 'proof', by: operatorName(), forMs });
  // Best effort: a gate that does not answer is what the proof itself will find.
  await quiet(MOST_PROOF_MS).catch(() => undefined);
  const findings = await prove({
    deployment: engine.deployment,
    services: desired.services,
    runtime: engine.runtime,
    host: engine.host,
    root: engine.root,
    policy: await policyInForce(engine),
    uidOf: (service) => owners.get(`services/${service}/state`) ?? -1,
    secrets: await secretsOf(engine),
    gateways: new Map(
      await Promise.all(engine.deployment.gateways.map(async ({ name }) => [name, await gatewayAddress(engine, name)] as const)),
    ),
    deviceIds: new Map(Object.entries(records.nodes).map(([name, node]) => [name, node.deviceId])),
    denied: async (sinceMs) =>
      (await queryTrail(trailFolder(engine), { sinceMs, denied: true }, MOST_TRAIL_LINES)).map((entry) => entry.decision),
    disruptive: options.disruptive,
  });
  await quiet(0).catch(() => undefined);
  const counts = countFindings(findings);
  const held = findings.length > 0 && counts.fail === 0;
  if (held && options.disruptive) await writeRecords(engine.host, engine.root, { ...records, provenAt: new Date().toISOString() });
  return { green: isGreen(findings), held, counts, ms: performance.now() - begin, findings };
}

async function policyInForce(engine: Engine): Promise<EgressPolicy> {
  const text = await egressPlace(engine).readOverrides();
  const overrides = text === undefined ? undefined : parseOverrides(text);
  if (!overrides || 'invalid' in overrides) return engine.deployment.egress;
  return withOverrides(engine.deployment.egress, overrides, Date.now());
}

async function secretsOf(engine: Engine): Promise<ReadonlyMap<string, Redacted>> {
  const found = await Promise.all((await engine.store.names()).map(async (name) => [name, await engine.store.read(name)] as const));
  return new Map(found.flatMap(([name, value]) => (value ? [[name, value] as const] : [])));
}
