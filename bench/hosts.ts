import { hostsStage, wellAgain, type HostsStage } from '../e2e/hosts/stage.ts';
import { type HostMachine, hostsOf, TWO_HOSTS } from '../lab/machines.ts';
import { type StartedLab, startLab } from '../lab/start-lab.ts';
import { reasonOf } from '../src/core/problem.ts';
import { ansiblePlay, type Play } from './ansible.ts';
import { deploymentOn } from './deployment.ts';
import { type AtRest, CALLED, type Figure, type What } from './figures.ts';
import { hostsPage } from './hosts-page.ts';
import { busyAtRest, busyBetween, clocks, load, machineLines, memoryUsed } from './machine.ts';
import { inWords, measure, type Measured, seconds, summary } from './measure.ts';

/** How many hosts, one after the other, and how often what is measured; of `up` from nothing there is one round a size. */
export type HostsOptions = {
  readonly sizes: readonly number[];
  readonly rounds: number;
  readonly plays: number;
  readonly say: (line: string) => void;
};

/** A deployment that runs, by its name and its place. */
type Standing = { readonly name: string; readonly stage: HostsStage };

/** Figures of one run, as they come. */
type Notes = {
  readonly figures: Figure[];
  readonly rest: AtRest[];
  readonly notMeasured: string[];
  add(what: What, hosts: number, work: () => Promise<Measured>): Promise<void>;
};

const UP_MS = 600_000;
/** From this size on a deployment grows out of the one before: bringing up as many nodes anew measures little but OpenClaw's own start. */
const GROWS_FROM = 4;
const PLAYED: readonly number[] = [1, 2, 8];
/** A play that takes longer to make its things is not run again; one that takes a third of it is measured once. */
const LONGEST_PLAY_MS = 180_000;

/** Over ssh, on each number of hosts: what changes nothing, and an Ansible play that changes nothing; on few of them `up` from nothing too. Gives the page. */
export async function benchHosts({ sizes, rounds, plays, say }: HostsOptions): Promise<string> {
  const before = load();
  const all = hostsOf(Math.max(...sizes, TWO_HOSTS.length));
  // Without a group for processes their number is limited by user, and a kernel counts those of a user on all hosts of a lab together.
  await using lab = await startLab({ say, hosts: all.length, nas: { noCpuNoPids: false } });
  const notes = takeNotes(say);
  let standing: Standing | undefined;
  for (const size of sizes) {
    const hosts = all.slice(0, size);
    if (!standing || size < GROWS_FROM) standing = await anew(lab, hosts, standing, notes);
    else {
      const refused = await grow(standing, hosts, say);
      if (refused !== undefined) {
        notes.notMeasured.push(`${size} hosts, for they did not come up: ${refused}`);
        break;
      }
    }
    if (!(await wellAgain(standing.stage))) throw new Error(`the deployment on ${size} hosts is not well`);
    notes.rest.push({ hosts: size, busy: await busyAtRest(), memory: memoryUsed() });
    const { stage } = standing;
    for (const what of ['up', 'plan', 'status', 'drift'] as const) {
      const args = what === 'up' ? ['up', '--yes'] : [what];
      // Once without counting: everything is warm then, as it is for the play.
      await timed(stage, args);
      await notes.add(what, size, () => measure(rounds, () => timed(stage, args)));
    }
    if (PLAYED.includes(size)) await played(ansiblePlay(lab, hosts), size, plays, notes);
  }
  if (standing) await remove(standing);
  return hostsPage({ ...notes, machine: machineLines(before, load(), new Date().toISOString().slice(0, 10)) });
}

async function anew(lab: StartedLab, hosts: readonly HostMachine[], before: Standing | undefined, notes: Notes): Promise<Standing> {
  if (before) await remove(before);
  const name = `bench${hosts.length}`;
  const stage = hostsStage(lab, name, deploymentOn(hosts, name));
  await stage.cli(['secrets', 'set', 'anthropic_api_key'], { stdin: stage.modelKey });
  await notes.add('cold', hosts.length, async () => summary([await timed(stage, ['up', '--yes'], UP_MS)]));
  return { name, stage };
}

/** Why it could not: what was measured on fewer hosts is worth telling all the same. */
async function grow({ name, stage }: Standing, hosts: readonly HostMachine[], say: (line: string) => void): Promise<string | undefined> {
  stage.write(deploymentOn(hosts, name));
  try {
    say(`grown to ${hosts.length} hosts in ${seconds(await timed(stage, ['apply', '--yes', '--accept', 'exposure'], UP_MS))} s`);
    return undefined;
  } catch (error) {
    const reason = reasonOf(error);
    say(reason);
    return /error: (.*)$/m.exec(reason)?.[1] ?? 'unknown';
  }
}

async function remove({ name, stage }: Standing): Promise<void> {
  await timed(stage, ['destroy', '--confirm', name], UP_MS);
}

async function played(play: Play, hosts: number, plays: number, notes: Notes): Promise<void> {
  const { ms } = await play.run();
  if (ms > LONGEST_PLAY_MS) {
    notes.notMeasured.push(`the play of ${hosts} hosts, which took ${seconds(ms)} s to make its things`);
    return;
  }
  await notes.add('play', hosts, () => measure(ms > LONGEST_PLAY_MS / 3 ? 1 : plays, () => unchanged(play)));
}

function takeNotes(say: (line: string) => void): Notes {
  const figures: Figure[] = [];
  return {
    figures,
    rest: [],
    notMeasured: [],
    add: async (what, hosts, work) => {
      const from = clocks();
      const measured = await work();
      const figure = { what, hosts, measured, busy: busyBetween(from, clocks()), load: load()[0] ?? 0 };
      figures.push(figure);
      say(`${CALLED[what]}, hosts: ${hosts}: ${inWords(measured)}, load ${figure.load.toFixed(1)}`);
    },
  };
}

async function timed(stage: HostsStage, args: readonly string[], timeoutMs = 60_000): Promise<number> {
  const begin = performance.now();
  const { code, stdout, stderr } = await stage.cli(args, { timeoutMs });
  const ms = performance.now() - begin;
  // Whoever measures what failed measures nothing.
  if (code !== 0) throw new Error(`lobsterpot ${args.join(' ')} ended with ${code}: ${stdout}\n${stderr}`);
  return ms;
}

async function unchanged(play: Play): Promise<number> {
  const { ms, changed } = await play.run();
  if (changed > 0) throw new Error(`the play changed ${changed} things: it is no no-op`);
  return ms;
}
