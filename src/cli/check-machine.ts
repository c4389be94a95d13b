import { examineHost } from '../checks/preflight/host/examine-host.ts';
import { whatIsAsked } from '../checks/preflight/host/what-is-asked.ts';
import { preflight } from '../checks/preflight/preflight.ts';
import type { Engine, Planned } from '../converge/engine.ts';
import type { Site } from '../converge/site.ts';
import type { Finding } from '../core/finding.ts';
import { Problem, Problems } from '../core/problem.ts';
import { stopsUp } from './doctor.ts';

/** Refuses, before anything is changed, a machine that cannot run the deployment as the file asks. Gives what is worth telling. */
export async function checkMachine(engine: Engine, planned: Planned): Promise<readonly Finding[]> {
  const sites = [...(await engine.sites()).values()];
  const findings = (await Promise.all(sites.map((site) => checkSite(engine, planned, site)))).flat();
  const failed = findings.filter(stopsUp);
  if (failed.length > 0) throw new Problems(failed.map((one) => asProblem(one, sites.length > 1)));
  return findings;
}

async function checkSite(engine: Engine, planned: Planned, site: Site): Promise<readonly Finding[]> {
  const { deployment } = engine;
  const { services } = planned.desired;
  const { subnet } = site.chosen;
  const host = deployment.hosts.find((one) => one.name === site.name);
  const asked = host && whatIsAsked(deployment, host, { services, root: site.root, ...(subnet === undefined ? {} : { subnet }) });
  const [examined, own] = await Promise.all([
    asked ? examineHost(site.machine, asked) : [],
    site.kind === 'process' ? preflightHere(engine, planned, site) : [],
  ]);
  return [...examined, ...own];
}

function preflightHere(engine: Engine, planned: Planned, site: Site): Promise<readonly Finding[]> {
  const seen = planned.seen.sites.get(site.name);
  const running = (seen?.services ?? []).filter((one) => one.state !== 'absent' && one.state !== 'stopped').map((one) => one.name);
  return preflight({
    host: site.host,
    deployment: engine.deployment.name,
    services: planned.desired.services.filter((one) => one.host === site.name),
    root: site.root,
    containment: site.containment,
    runtimeInstalled: seen?.base ?? false,
    running: new Set(running),
  });
}

function asProblem(finding: Finding, isNamed: boolean): Problem {
  const where = isNamed ? `host ${finding.subject}: ` : '';
  return new Problem(`preflight/${finding.checkId.replace(/^preflight\./, '')}`, `${where}${finding.message}`, {
    cause: finding.evidence ?? 'seen there before anything was changed',
    fix: finding.fix ?? 'see docs/checks.md',
  });
}
