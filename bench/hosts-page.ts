import { type AtRest, CALLED, type Figure, targetsOf } from './figures.ts';
import { seconds } from './measure.ts';

/** Everything that one run learned. */
export type HostsRun = {
  readonly figures: readonly Figure[];
  readonly rest: readonly AtRest[];
  /** What is kept on the gateway's host, and on one of a node, in words. */
  readonly kept: readonly string[];
  /** What was left out of this run, and why. */
  readonly notMeasured: readonly string[];
  readonly machine: readonly string[];
};

/** docs/benchmarks.md. Pure. */
export function hostsPage({ figures, rest, kept, notMeasured, machine }: HostsRun): string {
  const percent = (part: number): string => `${Math.round(part * 100)} %`;
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench -- hosts`, in one run: hosts with a real Docker Engine and a real sshd each, reached over ssh from a place that is none of them ([lab.md](lab.md)). The first is like a Mac and the others like a Synology, but that their engines have all control groups.',
    'The deployment is a gateway on the first host and a node with a tunnel to it on each other one; on a single host the node stands beside its gateway.',
    'Every command is the whole program as a person types it, from its start to its end. It is run once without counting: everything is warm then (shared ssh connections, compiled sources, Python caches). What fails in one round, and a play that changes something, has no figure and is told at the end.',
    '',
    '## Targets',
    '',
    '| what was aimed at | measured | |',
    '|---|---|---|',
    ...targetsOf(figures).map(({ text, figure, met }) => `| ${text} | ${figure} | ${met === undefined ? '-' : met ? 'met' : 'missed'} |`),
    '',
    '## Figures',
    '',
    'In seconds. All hosts, their engines, their OpenClaw and the command line share the processors of one machine: beside each figure is the part of them that was at work meanwhile, whoever used it, how many seconds of theirs one round took, and the load of the last minute. Real hosts bring processors of their own.',
    '',
    '| what | hosts | median | least | most | rounds | processors at work | seconds of processors | load |',
    '|---|---|---|---|---|---|---|---|---|',
    ...figures.map(
      ({ what, hosts, measured: { median, least, most, rounds }, busy, work, load }) =>
        `| ${[CALLED[what], hosts, seconds(median), seconds(least), seconds(most), rounds, percent(busy), seconds(work), load.toFixed(1)].join(' | ')} |`,
    ),
    '',
    'What such a deployment costs while nobody asks anything of it:',
    '',
    '| hosts | processors at work | memory of the machine in use |',
    '|---|---|---|',
    ...rest.map(({ hosts, busy, memory }) => `| ${hosts} | ${percent(busy)} | ${memory.toFixed(1)} GiB |`),
    '',
    '## The play',
    '',
    "Debian's `ansible-core` with pipelining, as many forks as hosts, shared ssh connections that stay, and facts gathered. It is made from the plan of the same deployment: the same folders, files and secrets, of the same sizes and modes; a line for each tunnel's key; and it asks for the image, the networks and each container.",
    ...kept.map((one, index) => `- ${index === 0 ? "On the gateway's host" : 'On the host of a node'}: ${one}.`),
    '',
    'It does not judge what docker answers, knows no owners but its own user, starts and proves nothing. `up` with nothing to do compares owners too, every setting of each container with the rendered one, the networks, the host keys that tunnels trust, and over the protocol of the gateway the devices that are paired and the exec policy that each node enforces.',
    '`up` from nothing to proven has no counterpart in the play.',
    '',
    '## The machine',
    '',
    ...machine,
    ...notMeasured.map((one) => `- Not measured: ${one}.`),
    '',
  ].join('\n');
}
