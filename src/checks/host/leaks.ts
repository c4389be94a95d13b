import { readdir, readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import type { CheckInfo } from '../catalogue/check-info.ts';
import { fail, failIfAny, findingOf, pass, unknown } from '../catalogue/judgement.ts';
import type { Judgement } from '../catalogue/judgement.ts';
import { secretProbe } from '../probes/secret-probe.ts';
import type { SecretProbe } from '../probes/subject.ts';
import type { ProofInput } from '../proof-input.ts';

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
  title: 'logs do not fill the disk',
  severity: 'medium',
  from: 'host',
  tries: 'reading the size of every log',
  sabotage: 'a log has grown beyond its bound',
} as const satisfies CheckInfo;

/** A log is cut at 4 MiB; its last write may go a little over it. */
const MOST_LOG_BYTES = 5 * 1024 ** 2;
const MOST_FILE_BYTES = 16 * 1024 ** 2;
const FIND_MS = 15_000;

type Place = { readonly path: string; readonly bytes: number };

/** The three checks on a running deployment. */
export async function checkLeaks(input: ProofInput): Promise<readonly Finding[]> {
  const probes = new Map([...input.secrets].map(([name, secret]) => [name, secretProbe(secret)]));
  const places = await filesOf(input);
  const fix = 'remove the file, make a new secret where it came from, then: lobsterpot secrets set NAME';
  return [
    findingOf(
      SECRETS_IN_FILES,
      'deployment',
      places ? await searchFiles(input, places, probes) : unknown('the files could not be listed'),
      fix,
    ),
    findingOf(SECRETS_IN_PROCESSES, 'host', judgeProcesses(await processTexts(), probes), fix),
    findingOf(LOG_BOUNDS, 'deployment', judgeLogs(places, input.root), 'lobsterpot down, remove the log, lobsterpot up'),
  ];
}

async function filesOf(input: ProofInput): Promise<readonly Place[] | undefined> {
  const skip = [
    `${input.root}/secrets`,
    ...input.services.flatMap(({ name, role }) => [
      `${input.root}/services/${name}/secrets`,
      ...(role === 'gate' ? [] : [`${input.root}/services/${name}/state`]),
    ]),
  ];
  const argv = [
    'find',
    input.root,
    '(',
    ...skip.flatMap((path, index) => [...(index === 0 ? [] : ['-o']), '-path', path]),
    ')',
    '-prune',
    '-o',
    '-type',
    'f',
    '-exec',
    'wc',
    '-c',
    '{}',
    ';',
  ];
  const found = await input.host.run(argv, { timeoutMs: FIND_MS });
  if (found.timedOut || found.stdout === '') return undefined;
  return found.stdout.split('\n').flatMap((line) => {
    const match = /^ *(\d+) (.+)$/.exec(line);
    return match?.[2] === undefined ? [] : [{ bytes: Number(match[1]), path: match[2] }];
  });
}

async function searchFiles(input: ProofInput, places: readonly Place[], probes: ReadonlyMap<string, SecretProbe>): Promise<Judgement> {
  if (probes.size === 0) return unknown('no secret is known to look for');
  const found: string[] = [];
  for (const { path, bytes } of places.filter((place) => place.bytes <= MOST_FILE_BYTES && place.bytes > 0)) {
    const text = Buffer.from((await input.host.read(path)) ?? new Uint8Array()).toString('utf8');
    for (const [name, probe] of probes) if (bytes > 0 && probe.isIn(text)) found.push(`secret ${name} in ${relative(input.root, path)}`);
  }
  return failIfAny(found, `${probes.size} secrets looked for in ${places.length} files`);
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

async function processTexts(): Promise<readonly { readonly name: string; readonly text: string }[] | undefined> {
  if (process.platform !== 'linux') return undefined;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
  return Promise.all(
    pids.map(async (pid) => {
      const [name, argv, environ] = await Promise.all([
        read(`/proc/${pid}/comm`),
        read(`/proc/${pid}/cmdline`),
        read(`/proc/${pid}/environ`),
      ]);
      return { name: `${name.trim()} (${pid})`, text: `${argv}\n${environ}` };
    }),
  );
}

function judgeLogs(places: readonly Place[] | undefined, root: string): Judgement {
  const logs = (places ?? [])
    .map((place) => ({ ...place, path: relative(root, place.path) }))
    .filter(({ path }) => path.startsWith('logs/') || path === 'supervisor/log');
  if (logs.length === 0) return unknown('there is no log yet');
  const grown = logs
    .filter(({ bytes }) => bytes > MOST_LOG_BYTES)
    .map(({ path, bytes }) => `${path} has ${Math.round(bytes / 1024 ** 2)} MiB`);
  return grown.length > 0 ? fail(grown.join(', ')) : pass(`${logs.length} logs`);
}
