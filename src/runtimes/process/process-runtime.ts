import { readdirSync } from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';

import { Problem } from '../../core/problem.ts';
import { until } from '../../core/wait.ts';
import { connectUnix } from '../../hosts/unix-socket.ts';
import type { Place, Runtime, ServiceState } from '../runtime.ts';
import { notRunning, runDirect, runInside, runOnce } from './beside.ts';
import type { ChainMode } from './chain.ts';
import { probeChain } from './chain-probe.ts';
import { openGroups } from './control-groups.ts';
import { readLastLines } from './last-lines.ts';
import { LAYOUT } from './layout.ts';
import { readSpec } from './read-spec.ts';
import { render, type RenderFacts } from './render.ts';
import { startService } from './start-service.ts';
import { askSupervisor, ensureSupervisor, STATUS_MS, STOP_MS } from './supervisor/client.ts';
import { surveyFiles } from './survey.ts';
import { unenforced } from './unenforced.ts';

const CONNECT_MS = 5000;

/** Runs a deployment's services as contained local processes under a supervisor of its own. `facts` default to this process's. */
export function processRuntime(place: Place, facts: RenderFacts = factsOfThisProcess()): Runtime {
  const { root, deployment, containment } = place;
  const chain = memo(() => probeChain());
  const groups = memo(() => openGroups(deployment, root));

  async function mode(): Promise<ChainMode> {
    const probe = await chain();
    if (probe.ok) return probe.mode;
    throw new Problem('process/chain', 'this host cannot contain a service', { cause: `${probe.step}: ${probe.cause}`, fix: probe.fix });
  }

  async function observe(): Promise<readonly ServiceState[]> {
    const answer = await askSupervisor(root, { op: 'status' }, STATUS_MS);
    const watched = new Map(answer?.services.map((one): [string, ServiceState] => [one.name, one]));
    const others = specNames(root).filter((name) => !watched.has(name));
    return [...watched.values(), ...others.map((name): ServiceState => ({ name, state: 'stopped' }))].toSorted((a, b) =>
      a.name < b.name ? -1 : 1,
    );
  }

  return {
    render: (services) => render(services, place, facts),
    observe,
    survey: async (paths) => {
      const [services, files] = await Promise.all([observe(), surveyFiles(root, paths)]);
      return { services, files };
    },
    start: async (names, onStep) => {
      if (containment === 'none' && facts.starter.uid === 0) throw uncontainedRoot();
      if (containment === 'full') await mode();
      await ensureSupervisor(root, deployment);
      for (const name of names) await startService(root, name, onStep);
    },
    stop: async (names) => {
      for (const name of names.toReversed()) await askSupervisor(root, { op: 'stop', name }, STOP_MS);
    },
    shutdown: async () => {
      await askSupervisor(root, { op: 'shutdown' }, STOP_MS);
      // It answers first and leaves then; its socket goes last.
      const isGone = (): Promise<true | undefined> =>
        askSupervisor(root, { op: 'status' }, STATUS_MS).then(
          (answer) => (answer ? undefined : true),
          () => undefined,
        );
      await until(isGone, { timeoutMs: 5000, everyMs: 20 });
      await groups().removeAll();
    },
    once: async (name, command, options) => {
      const { spec } = readSpec(root, name);
      if (spec.containment === 'none') return runDirect(spec, root, command, options);
      return runOnce(spec, { root, mode: await mode(), groups: groups() }, command, options);
    },
    inside: async (name, command, options) => {
      const { spec } = readSpec(root, name);
      const answer = await askSupervisor(root, { op: 'status' }, STATUS_MS);
      const pid = answer?.services.find((one) => one.name === name)?.pid;
      if (answer === undefined || pid === undefined) throw notRunning(name);
      if (spec.containment === 'none') return runDirect(spec, root, command, options);
      return runInside(spec, { root, mode: answer.mode ?? (await mode()), groups: groups() }, pid, command, options);
    },
    connect: (name, listener) => connectUnix(join(root, LAYOUT.socket(name, listener)), { timeoutMs: CONNECT_MS }),
    notEnforced: async () => unenforced({ containment, chain: await chain(), groups: groups(), asRoot: facts.starter.uid === 0 }),
    logs: (name, lines) => readLastLines([join(root, LAYOUT.olderLog(name)), join(root, LAYOUT.log(name))], lines),
  };
}

function factsOfThisProcess(): RenderFacts {
  const cpu = arch();
  const { platform } = process;
  if ((platform !== 'linux' && platform !== 'darwin') || (cpu !== 'x64' && cpu !== 'arm64')) {
    throw new Problem('process/platform', `this machine is not supported (${platform} on ${cpu})`, {
      cause: 'there is no OpenClaw runtime and no containment for it',
      fix: 'use Linux or macOS on x86-64 or arm64',
    });
  }
  return { starter: { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 }, platform, arch: cpu };
}

/** Names under services/ that have a specification. */
function specNames(root: string): readonly string[] {
  try {
    return readdirSync(join(root, LAYOUT.services)).filter((name) => hasSpec(root, name));
  } catch {
    return [];
  }
}

function hasSpec(root: string, name: string): boolean {
  try {
    readSpec(root, name);
    return true;
  } catch {
    return false;
  }
}

function uncontainedRoot(): Problem {
  return new Problem('process/uncontained-root', 'services without containment are not started as root', {
    cause: 'they would own the whole machine, and OpenClaw itself refuses to run commands as root',
    fix: 'run lobsterpot as an ordinary user, or set containment: full in lobsterpot.yaml',
  });
}

function memo<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
