import { join } from 'node:path';

import { REACHABLE } from '../checks/preflight/host/all-host-checks.ts';
import { examineHost } from '../checks/preflight/host/examine-host.ts';
import { whatIsAsked } from '../checks/preflight/host/what-is-asked.ts';
import { preflight } from '../checks/preflight/preflight.ts';
import { countFindings, type Counts } from '../checks/report/summary.ts';
import { servicesOf } from '../converge/desired.ts';
import { recordsOf, type Engine } from '../converge/engine.ts';
import type { Workspace } from '../converge/workspace.ts';
import { EXIT, type ExitCode } from '../core/exit-code.ts';
import type { Finding } from '../core/finding.ts';
import { Problem } from '../core/problem.ts';
import { sshHost } from '../hosts/ssh/ssh-host.ts';
import { runtimeFolder, runtimeInstalled } from '../openclaw/install/install.ts';
import { processRuntime } from '../runtimes/process/process-runtime.ts';
import type { Service } from '../services/service.ts';
import type { HostEntry } from '../topology/deployment.ts';

/** What the doctor found on one host. */
export type Examined = { readonly host: string; readonly counts: Counts; readonly findings: readonly Finding[] };

/** Reads every host that something runs on (or the one that is named), side by side, and judges it. Changes nothing. */
export async function examine(engine: Engine, workspace: Workspace, only?: string): Promise<readonly Examined[]> {
  const { deployment } = engine;
  const [records, names, gateBundle] = await Promise.all([recordsOf(engine), engine.store.names(), engine.gateBundle()]);
  const services = servicesOf(deployment, { gateBundle, presentSecrets: new Set(names), records, hostKeys: new Map() });
  const used = deployment.hosts.filter((host) => services.some((one) => one.host === host.name));
  const wanted = only === undefined ? used : used.filter((host) => host.name === only);
  if (wanted.length === 0) throw noHost(only ?? '', deployment.hosts, used);
  return Promise.all(
    wanted.map(async (host) => {
      const findings = await examineOne(engine, workspace, host, { services, subnet: records.hosts[host.name]?.subnet });
      return { host: host.name, counts: countFindings(findings), findings };
    }),
  );
}

/** 4: a host does not answer; 1: something fails, or what must be known is not. */
export function exitOf(examined: readonly Examined[]): ExitCode {
  const findings = examined.flatMap((one) => one.findings);
  if (findings.some((one) => one.checkId === REACHABLE.id && one.status === 'fail')) return EXIT.unreachable;
  return findings.some((one) => one.status === 'fail' || stopsUp(one)) ? EXIT.findings : EXIT.ok;
}

/** Does `up` refuse to begin because of it? Of what is not grave it tells only. */
export function stopsUp({ status, severity }: Finding): boolean {
  if (status === 'unknown') return severity === 'critical';
  return status === 'fail' && (severity === 'critical' || severity === 'high');
}

async function examineOne(
  engine: Engine,
  workspace: Workspace,
  host: HostEntry,
  { services, subnet }: { readonly services: readonly Service[]; readonly subnet: string | undefined },
): Promise<readonly Finding[]> {
  const { deployment } = engine;
  const root = rootOn(engine, host);
  const asked = whatIsAsked(deployment, host, { services, root, ...(subnet === undefined ? {} : { subnet }) });
  if (!asked) return [];
  if (host.connect.kind === 'ssh') {
    await using machine = sshHost({ name: host.name, connect: host.connect });
    return await examineHost(machine, asked);
  }
  const [examined, own] = await Promise.all([
    examineHost(engine.local, asked),
    asked.kind === 'process' ? preflightHere(engine, workspace, host.name, asked.services) : [],
  ]);
  return [...examined, ...own];
}

/** Local processes are tried, not only judged: the containment of this machine, and its ports. */
async function preflightHere(engine: Engine, { data }: Workspace, host: string, services: readonly Service[]): Promise<readonly Finding[]> {
  const { deployment, local, root } = engine;
  const isOpen = [...deployment.gateways, ...deployment.nodes].some((one) => one.host === host && one.containment === 'none');
  const containment = isOpen ? 'none' : 'full';
  const where = { dataFolder: data, version: deployment.openclaw };
  const runtime = processRuntime({ deployment: deployment.name, root, runtime: runtimeFolder(where), containment });
  const [states, isInstalled, unenforced] = await Promise.all([runtime.observe(), runtimeInstalled(local, where), runtime.notEnforced()]);
  const running = states.filter((one) => one.state !== 'absent' && one.state !== 'stopped').map((one) => one.name);
  const found = await preflight({
    host: local,
    deployment: deployment.name,
    services,
    root,
    containment,
    runtimeInstalled: isInstalled,
    running: new Set(running),
  });
  // That nothing can be contained here at all is a failure of its own.
  const gaps = containment === 'none' ? unenforced : unenforced.filter((one) => one.checkId !== 'host.containment');
  return [...found, ...gaps].map((one) => ({ ...one, subject: host }));
}

/** Where the deployment's files lie on a host, before anybody was there. */
function rootOn({ root, deployment }: Engine, host: HostEntry): string {
  const isDocker = [...deployment.gateways, ...deployment.nodes].some((one) => one.host === host.name && one.runtime === 'docker');
  if (!isDocker) return root;
  if (host.dir !== undefined) return join(host.dir, deployment.name);
  return host.connect.kind === 'local' ? join(root, 'docker') : `~/.local/state/lobsterpot/${deployment.name}`;
}

function noHost(asked: string, all: readonly HostEntry[], used: readonly HostEntry[]): Problem {
  const isKnown = all.some((one) => one.name === asked);
  return new Problem('cli/no-host', isKnown ? `nothing runs on host ${asked}` : `there is no host ${asked} in the file`, {
    cause: `the file has ${used.map((one) => one.name).join(', ') || 'no host that anything runs on'}`,
    fix: 'name one of them, or none for all: lobsterpot doctor',
    exit: EXIT.usage,
  });
}
