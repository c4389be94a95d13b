import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

import { Problem } from '../../core/problem.ts';
import type { RunResult } from '../../hosts/host.ts';
import { runContained } from '../../hosts/spawn.ts';
import { chain, type ChainMode } from './chain.ts';
import type { Groups } from './control-groups.ts';
import { directArgv } from './direct.ts';
import { enterChain } from './enter.ts';
import { findSandbox, readProcesses } from './find-processes.ts';
import { expandCommand, INSIDE, LAYOUT } from './layout.ts';
import { onceSandbox, serviceEnvironment } from './sandbox.ts';
import type { Spec } from './spec.ts';

type Run = { readonly stdin?: string; readonly timeoutMs: number };

let runs = 0;

/** Runs a command in a second sandbox like the service's own: same identity, files, state, limits and forwards. */
export async function runOnce(
  spec: Spec,
  around: { readonly root: string; readonly mode: ChainMode; readonly groups: Groups },
  command: readonly string[],
  options: Run,
): Promise<RunResult> {
  const group = `${spec.service.name}.once-${process.pid}-${(runs += 1)}`;
  try {
    const groups = around.groups.make(group, spec.service.limits);
    const argv = chain(onceSandbox(spec, { root: around.root, mode: around.mode, groups, ...resolver(spec) }, command));
    return await runContained(argv, { ...options, stdinAt: 3 });
  } finally {
    await around.groups.remove(group);
  }
}

/** Runs a command in the namespaces of a running service. `pid` is the process that its supervisor started. */
export async function runInside(
  spec: Spec,
  around: { readonly root: string; readonly mode: ChainMode; readonly groups: Groups },
  pid: number,
  command: readonly string[],
  options: Run,
): Promise<RunResult> {
  const { name, network, limits } = spec.service;
  const found = findSandbox(readProcesses(), pid);
  if (!found) throw notRunning(name);
  const env = Object.entries(serviceEnvironment(spec)).map(([key, value]) => `${key}=${value}`);
  const argv = enterChain({
    mode: around.mode,
    programs: join(around.root, LAYOUT.inside),
    identity: spec.identity,
    network,
    limits,
    groups: around.groups.joinable(name).filter((file) => existsSync(file)),
    first: found.first,
    launcher: found.inside,
    command: ['/usr/bin/env', '-i', '-C', INSIDE.state, ...env, ...expandCommand(command, INSIDE.runtime, spec.platform, spec.arch)],
  });
  return runContained(argv, { ...options, stdinAt: 0 });
}

/** Runs a command as an uncontained service would run it; there is no other inside. */
export function runDirect(spec: Spec, root: string, command: readonly string[], options: Run): Promise<RunResult> {
  return runContained(directArgv(spec, root, command), { ...options, stdinAt: 3 });
}

/** The Problem of asking for the inside of a service that does not run. */
export function notRunning(name: string): Problem {
  return new Problem('process/not-running', `${name} does not run, so there is no inside to run a command in`, {
    cause: 'its sandbox was not found',
    fix: 'start it with: lobsterpot up',
  });
}

/** Where the host's resolv.conf really is, for a service that sees it: it is often a link into /run, which no service sees. */
export function resolver(spec: Spec): { readonly resolver?: string } {
  if (spec.service.network === 'none') return {};
  try {
    return { resolver: realpathSync('/etc/resolv.conf') };
  } catch {
    return {};
  }
}
