import { preflight } from '../checks/preflight/preflight.ts';
import type { Planned, Engine } from '../converge/engine.ts';
import type { Finding } from '../core/finding.ts';
import { Problem, Problems } from '../core/problem.ts';

/** Refuses, before anything is changed, a machine that cannot run the deployment as the file asks. Gives what is worth telling. */
export async function checkMachine(engine: Engine, planned: Planned): Promise<readonly Finding[]> {
  const running = planned.seen.services.filter((one) => one.state !== 'absent' && one.state !== 'stopped').map((one) => one.name);
  const findings = await preflight({
    host: engine.host,
    deployment: engine.deployment.name,
    services: planned.desired.services,
    root: engine.root,
    containment: engine.containment,
    runtimeInstalled: planned.seen.runtimeInstalled,
    running: new Set(running),
  });
  const failed = findings.filter((one) => one.status === 'fail' || (one.status === 'unknown' && one.severity === 'critical'));
  if (failed.length > 0) throw new Problems(failed.map(asProblem));
  return findings;
}

function asProblem(finding: Finding): Problem {
  return new Problem(`preflight/${finding.checkId}`, finding.message, {
    cause: finding.evidence ?? `${finding.subject} cannot be run here`,
    fix: finding.fix ?? 'see docs/checks.md',
  });
}
