import { hostsStage, type HostsStage } from '../e2e/hosts/stage.ts';
import { parseJson } from '../e2e/support/stage.ts';
import type { Lab } from '../lab/lab.ts';
import type { HostMachine } from '../lab/machines.ts';
import { reasonOf } from '../src/core/problem.ts';
import type { Keeper } from './ansible.ts';
import { deploymentOn } from './deployment.ts';
import { keptOn } from './kept.ts';
import { seconds } from './measure.ts';
import { firstError } from './notes.ts';

/** A deployment, by its name, its place and what it keeps on each host. */
export type Standing = { readonly name: string; readonly stage: HostsStage; readonly keepers: readonly Keeper[] };

const UP_MS = 600_000;
/** So many hosts come to it at once: each new node starts OpenClaw four times to be enrolled, within time limits that two processors keep. */
const GROWS_BY = 2;

/** A deployment of these hosts that nothing was put on yet. */
export async function prepare(lab: Lab, hosts: readonly HostMachine[]): Promise<Standing> {
  const name = `bench${hosts.length}`;
  const stage = hostsStage(lab, name, deploymentOn(hosts, name));
  await stage.cli(['secrets', 'set', 'anthropic_api_key'], { stdin: stage.modelKey });
  return { name, stage, keepers: await keepersOf(stage, hosts) };
}

/** From nothing to proven. */
export function bringUp({ stage }: Standing): Promise<number> {
  return timed(stage, ['up', '--yes'], UP_MS);
}

/** The same deployment on more hosts, or why they did not come up: what was measured on fewer is worth telling all the same. */
export async function growTo(standing: Standing, hosts: readonly HostMachine[], say: (line: string) => void): Promise<Standing | string> {
  let now = standing;
  while (now.keepers.length < hosts.length) {
    const next = await grow(now, hosts.slice(0, now.keepers.length + GROWS_BY), say);
    if (typeof next === 'string') return next;
    now = next;
  }
  return now;
}

async function grow(standing: Standing, hosts: readonly HostMachine[], say: (line: string) => void): Promise<Standing | string> {
  const { name, stage, keepers } = standing;
  stage.write(deploymentOn(hosts, name));
  try {
    const more = await keepersOf(stage, hosts, keepers);
    say(`grown to ${hosts.length} hosts in ${seconds(await timed(stage, ['apply', '--yes', '--accept', 'exposure'], UP_MS))} s`);
    return { ...standing, keepers: more };
  } catch (error) {
    say(reasonOf(error));
    return firstError(error);
  }
}

/** What `up` will keep on each of these hosts. Those before have something already; on them only keys of tunnels are new. */
async function keepersOf(stage: HostsStage, hosts: readonly HostMachine[], before: readonly Keeper[] = []): Promise<readonly Keeper[]> {
  const { stdout, stderr } = await stage.cli(['plan', '--json']);
  const document = parseJson(stdout);
  if (document === undefined) throw new Error(`no plan: ${stderr}`);
  return hosts.map((host) => {
    const known = before.find((one) => one.host.name === host.name)?.kept;
    const planned = keptOn(host.name, document);
    return { host, kept: known ? { ...known, links: [...known.links, ...planned.links] } : planned };
  });
}

/** Takes everything of it away. */
export async function remove({ name, stage }: Standing): Promise<void> {
  await timed(stage, ['destroy', '--confirm', name], UP_MS);
}

/** How long one call of the command line takes, in milliseconds; one that fails is an error. */
export async function timed(stage: HostsStage, args: readonly string[], timeoutMs = 60_000): Promise<number> {
  const begin = performance.now();
  const { code, stdout, stderr } = await stage.cli(args, { timeoutMs });
  const ms = performance.now() - begin;
  // Whoever measures what failed measures nothing.
  if (code !== 0) throw new Error(`lobsterpot ${args.join(' ')} ended with ${code}: ${stdout}\n${stderr}`);
  return ms;
}
