import { wellAgain } from '../e2e/hosts/stage.ts';
import { hostsOf, TWO_HOSTS } from '../lab/machines.ts';
import { startLab } from '../lab/start-lab.ts';
import { reasonOf } from '../src/core/problem.ts';
import { ansiblePlay, type Play } from './ansible.ts';
import { hostsPage } from './hosts-page.ts';
import { keptInWords } from './kept.ts';
import { busyAtRest, load, machineLines, memoryUsed } from './machine.ts';
import { measure, seconds, summary } from './measure.ts';
import { type Notes, takeNotes } from './notes.ts';
import { bringUp, growTo, prepare, remove, type Standing, timed } from './standing.ts';

/** How many hosts, one after the other, and how often what is measured; of `up` from nothing there is one round a size. */
export type HostsOptions = {
  readonly sizes: readonly number[];
  readonly rounds: number;
  readonly plays: number;
  readonly say: (line: string) => void;
};

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
    if (!standing || size < GROWS_FROM) {
      if (standing) await remove(standing);
      const fresh = await prepare(lab, hosts);
      standing = fresh;
      // Without it there is nothing to measure.
      if (!(await notes.add('cold', size, async () => summary([await bringUp(fresh)])))) break;
    } else {
      const more = await growTo(standing, hosts, say);
      if (typeof more === 'string') {
        notes.notMeasured.push(`${size} hosts, for they did not come up: ${more}`);
        break;
      }
      standing = more;
    }
    if (!(await wellAgain(standing.stage))) {
      notes.notMeasured.push(`${size} hosts, for not all of it was well`);
      break;
    }
    notes.rest.push({ hosts: size, busy: await busyAtRest(), memory: memoryUsed() });
    const { stage } = standing;
    for (const what of ['up', 'plan', 'status', 'drift'] as const) {
      const args = what === 'up' ? ['up', '--yes'] : [what];
      // Once without counting: everything is warm then, as it is for the play.
      const warm = (): Promise<unknown> => timed(stage, args);
      await notes.add(what, size, () => measure(rounds, () => timed(stage, args)), warm);
    }
    if (PLAYED.includes(size)) await playOn(ansiblePlay(lab, standing.name, standing.keepers), size, plays, notes);
  }
  const left = standing && (await remove(standing).catch(reasonOf));
  if (typeof left === 'string') say(left);
  const kept = (standing?.keepers ?? []).slice(0, 2).map((one) => keptInWords(one.kept));
  return hostsPage({ ...notes, kept, machine: machineLines(before, load(), new Date().toISOString().slice(0, 10)) });
}

async function playOn(play: Play, size: number, plays: number, notes: Notes): Promise<void> {
  let rounds = plays;
  const make = async (): Promise<void> => {
    const { ms } = await play.run();
    if (ms > LONGEST_PLAY_MS) throw new Error(`error: it took ${seconds(ms)} s to make its things`);
    if (ms > LONGEST_PLAY_MS / 3) rounds = 1;
  };
  await notes.add('play', size, () => measure(rounds, () => unchanged(play)), make);
}

async function unchanged(play: Play): Promise<number> {
  const { ms, changed } = await play.run();
  if (changed > 0) throw new Error(`error: the play changed ${changed} things: it is no no-op`);
  return ms;
}
