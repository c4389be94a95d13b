import { preflight } from '../checks/preflight/preflight.ts';
import type { Engine, Planned } from '../converge/engine.ts';
import type { Site } from '../converge/site.ts';
import type { Finding } from '../core/finding.ts';
import { Problem, Problems } from '../core/problem.ts';

/** Refuses, before anything is changed, a machine that cannot run the deployment as the file asks. Gives what is worth telling. */
export async function checkMachine(engine: Engine, planned: Planned): Promise<readonly Finding[]> {
  const sites = [...(await engine.sites()).values()];
  const findings = (await Promise.all(sites.map((site) => checkSite(engine, planned, site)))).flat();
  const failed = findings.filter((one) => one.status === 'fail' || (one.status === 'unknown' && one.severity === 'critical'));
  if (failed.length > 0) throw new Problems(failed.map(asProblem));
  return findings;
}

async function checkSite(engine: Engine, planned: Planned, site: Site): Promise<readonly Finding[]> {
  const seen = planned.seen.sites.get(site.name);
  const running = (seen?.services ?? []).filter((one) => one.state !== 'absent' && one.state !== 'stopped').map((one) => one.name);
  // What a host with Docker must have was read when it was opened.
  if (site.kind === 'docker') return [];
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

function asProblem(finding: Finding): Problem {
  return new Problem(`preflight/${finding.checkId}`, finding.message, {
    cause: finding.evidence ?? `${finding.subject} cannot be run here`,
    fix: finding.fix ?? 'see docs/checks.md',
  });
}
