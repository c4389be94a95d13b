import { hostsStage, statusOf, type HostsStage } from '../e2e/hosts/stage.ts';
import { startLab } from '../lab/start-lab.ts';
import { ansiblePlay, TASKS } from './ansible.ts';
import { deploymentOn } from './deployment.ts';
import { load, machineLines } from './machine.ts';
import { inWords, measure, summary, type Measured } from './measure.ts';

/** How often what is measured: of `up` from nothing there is one round a size. */
export type HostsOptions = {
  readonly sizes: readonly (1 | 2)[];
  readonly rounds: number;
  readonly plays: number;
  readonly say: (line: string) => void;
};

type Row = { readonly what: string; readonly measured: Measured };

const UP_MS = 600_000;

/** One host and two, over ssh: `up` from nothing, then what changes nothing, then an Ansible play that changes nothing. Gives the page. */
export async function benchHosts({ sizes, rounds, plays, say }: HostsOptions): Promise<string> {
  const before = load();
  await using lab = await startLab({ say });
  const rows: Row[] = [];
  const note = (what: string, measured: Measured): void => {
    rows.push({ what, measured });
    say(`${what}: ${inWords(measured)}`);
  };
  for (const size of sizes) {
    const hosts = `${size} host${size === 1 ? '' : 's'}`;
    const stage = hostsStage(lab, `bench-${size}`, deploymentOn(size));
    await stage.cli(['secrets', 'set', 'anthropic_api_key'], { stdin: stage.modelKey });
    note(`cold \`up\` to proven, images present, ${hosts}`, summary([await timed(stage, ['up', '--yes'], UP_MS)]));
    const { code } = await statusOf(stage);
    if (code !== 0) throw new Error(`the deployment is not well: lobsterpot status ended with ${code}`);
    for (const args of [['up', '--yes'], ['plan'], ['status']]) {
      // Once without counting: everything is warm then, as it is for the play.
      await timed(stage, args);
      note(`no-op \`${args[0]}\`, ${hosts}`, await measure(rounds, () => timed(stage, args)));
    }
    const play = ansiblePlay(lab, size);
    await play.run();
    note(`no-op Ansible play, ${TASKS} tasks a host, ${hosts}`, await measure(plays, () => unchanged(play)));
    await timed(stage, ['destroy', '--confirm', `bench${size}`], UP_MS);
  }
  return page(rows, machineLines(before, load(), new Date().toISOString().slice(0, 10)));
}

async function timed(stage: HostsStage, args: readonly string[], timeoutMs = 60_000): Promise<number> {
  const begin = performance.now();
  const { code, stdout, stderr } = await stage.cli(args, { timeoutMs });
  const ms = performance.now() - begin;
  // Whoever measures what failed measures nothing.
  if (code !== 0) throw new Error(`lobsterpot ${args.join(' ')} ended with ${code}: ${stdout}\n${stderr}`);
  return ms;
}

async function unchanged(play: ReturnType<typeof ansiblePlay>): Promise<number> {
  const { ms, changed } = await play.run();
  if (changed > 0) throw new Error(`the play changed ${changed} things: it is no no-op`);
  return ms;
}

function page(rows: readonly Row[], machine: readonly string[]): string {
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench -- hosts`, in one run: two hosts with a real Docker Engine each, reached over ssh from a third place ([lab.md](lab.md)).',
    'Everything is warm (shared ssh connections, compiled sources, Python caches). A round that fails, or a play that changes something, ends the run without figures.',
    '',
    '| what | median (least to most) |',
    '|---|---|',
    ...rows.map(({ what, measured }) => `| ${what} | ${inWords(measured)} |`),
    '',
    ...machine,
    "- The play is Debian's `ansible-core` with pipelining, forks for every host, facts gathered: for each of three services four folders, two templates and a look at its container. A no-op `up` compares as many folders and files with their digests, and beside them every container's settings, the image, the networks, the keys of the tunnel, and over the gateway's own protocol the devices and the node's exec policy.",
    '- Not measured: more than two hosts, for the lab has two.',
    '',
  ].join('\n');
}
