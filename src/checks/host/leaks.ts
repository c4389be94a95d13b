import { relative } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import type { CheckInfo } from '../catalogue/check-info.ts';
import { fail, failIfAny, findingOf, pass, unknown } from '../catalogue/judgement.ts';
import type { Judgement } from '../catalogue/judgement.ts';
import { secretProbe } from '../probes/secret-probe.ts';
import type { SecretProbe } from '../probes/subject.ts';
import type { ProofInput } from '../proof-input.ts';
import { type FileList, listFiles, searchFiles } from './file-search.ts';
import { readProcessTexts } from './process-texts.ts';

export const SECRETS_IN_FILES = {
  id: 'secrets.rendered',
  title: 'no secret in rendered files, logs, journal or trail',
  severity: 'critical',
  from: 'host',
  tries: "looking for each secret, also encoded, in every file of the deployment but the secrets themselves and OpenClaw's own state",
  sabotage: 'a secret is written to a log',
} as const satisfies CheckInfo;

export const SECRETS_IN_PROCESSES = {
  id: 'secrets.host-processes',
  title: 'no secret in the arguments or the environment of a process of the host',
  severity: 'critical',
  from: 'host',
  tries: 'looking for each secret in the arguments and the environment of every process that this user can read',
  sabotage: 'a secret is put into the arguments',
} as const satisfies CheckInfo;

export const LOG_BOUNDS = {
  id: 'host.log-bounds',
  runtimes: ['process'],
  title: 'logs do not fill the disk',
  severity: 'medium',
  from: 'host',
  tries: 'reading the size of every log',
  sabotage: 'a log has grown beyond its bound',
} as const satisfies CheckInfo;

/** A log is cut at 4 MiB; its last write may go a little over it. */
const MOST_LOG_BYTES = 5 * 1024 ** 2;
const COUNT_MS = 5000;

type Log = { readonly name: string; readonly bytes: number };

/** The three checks on a running deployment. */
export async function checkLeaks(input: ProofInput): Promise<readonly Finding[]> {
  const probes = new Map([...input.secrets].map(([name, secret]) => [name, secretProbe(secret)]));
  const files = await listFiles(input);
  const fix = 'remove the file, make a new secret where it came from, then: lobsterpot secrets set NAME';
  return [
    findingOf(SECRETS_IN_FILES, 'deployment', await searchFiles(input, files, probes), fix),
    findingOf(SECRETS_IN_PROCESSES, 'host', judgeProcesses(await readProcessTexts(input.machine), probes), fix),
    // The logs of containers are Docker's, and docker.log-bounds is about them.
    ...(input.kind === 'process'
      ? [findingOf(LOG_BOUNDS, 'deployment', judgeLogs(await logsOf(input, files)), 'lobsterpot down, remove the log, lobsterpot up')]
      : []),
  ];
}

/** The sizes of the logs. They lie in folders of the operator alone, so that they may be opened by another program. */
async function logsOf({ host, root }: ProofInput, { paths }: FileList): Promise<readonly Log[] | undefined> {
  const logs = paths
    .map((path) => ({ path, name: relative(root, path) }))
    .filter(({ name }) => name.startsWith('logs/') || name === 'supervisor/log');
  if (logs.length === 0) return [];
  const counted = await host.run(['wc', '-c', ...logs.map(({ path }) => path)], { timeoutMs: COUNT_MS });
  if (counted.code !== 0) return undefined;
  const sizes = counted.stdout.split('\n').map((line) => Number(/^ *(\d+) /.exec(line)?.[1]));
  return logs.map(({ name }, index) => ({ name, bytes: sizes[index] ?? Number.NaN }));
}

/** Judges texts by process name. */
export function judgeProcesses(
  texts: readonly { readonly name: string; readonly text: string }[] | undefined,
  probes: ReadonlyMap<string, SecretProbe>,
): Judgement {
  if (!texts || texts.length === 0) return unknown('the processes of this host cannot be read this way');
  if (probes.size === 0) return unknown('no secret is known to look for');
  const found = texts.flatMap(({ name, text }) =>
    [...probes].filter(([, probe]) => probe.isIn(text)).map(([secret]) => `secret ${secret} in ${name}`),
  );
  return failIfAny(found, `${probes.size} secrets looked for in ${texts.length} processes`);
}

/** Judges the logs by their sizes. */
export function judgeLogs(logs: readonly Log[] | undefined): Judgement {
  if (!logs || logs.some(({ bytes }) => Number.isNaN(bytes))) return unknown('the logs could not be measured');
  if (logs.length === 0) return unknown('there is no log yet');
  const grown = logs
    .filter(({ bytes }) => bytes > MOST_LOG_BYTES)
    .map(({ name, bytes }) => `${name} has ${Math.round(bytes / 1024 ** 2)} MiB`);
  return grown.length > 0 ? fail(grown.join(', ')) : pass(`${logs.length} logs`);
}
