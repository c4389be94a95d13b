import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Problem } from '../src/core/problem.ts';
import { until } from '../src/core/wait.ts';
import { PLAIN_PATH } from '../src/hosts/run.ts';
import { composeProgram } from './image/compose.ts';
import { imageStore } from './image/image-store.ts';
import { labAt, type Lab } from './lab.ts';
import { type HostMachine, hostsOf, TWO_HOSTS } from './machines.ts';
import type { NasOddities } from './oddities.ts';
import { SYNOLOGY } from './oddities.ts';
import { ensurePrograms } from './prerequisites.ts';
import { isRunning, markOf } from './process-mark.ts';
import { type RunRecord, writeRecord } from './run-record.ts';
import type { Settings } from './settings.ts';
import { endLab, sweep } from './sweep.ts';

export type LabOptions = {
  /** How many hosts it has, from 2 to 10: a Mac, a NAS, and more that are like the NAS; default: 2. */
  readonly hosts?: number;
  /** What is odd about the NAS, and about those like it; default: everything that is known of a Synology. */
  readonly nas?: Partial<NasOddities>;
  /** Ports of the mac and the nas on which a service that is none of lobsterpot's tells who reached it. */
  readonly canaries?: { readonly mac?: readonly number[]; readonly nas?: readonly number[] };
  /** `none`: the engines start empty, and nothing is built. Default: `openclaw`. */
  readonly images?: 'openclaw' | 'none';
  /** The lab stays when this process ends. Default: it ends with it. */
  readonly keep?: boolean;
  /** Where images and running labs lie; default: LOBSTERPOT_LAB_CACHE or /var/cache/lobsterpot-lab. */
  readonly cache?: string;
  readonly say?: (line: string) => void;
};

/** A lab that this process made; it ends at the end of the scope. */
export type StartedLab = Lab & AsyncDisposable & { stop(): Promise<void> };

const START_LIMIT_MS = 120_000;
const PROJECT = resolve(import.meta.dirname, '..');

// The web pages and file sharing of DSM; what a Mac shares on a LAN.
const CANARIES = { mac: [445, 5900], nas: [139, 445, 5000, 5001] } as const;

/** Where the labs of a cache lie. */
export function labFolders(cache = process.env['LOBSTERPOT_LAB_CACHE'] ?? '/var/cache/lobsterpot-lab'): {
  readonly cache: string;
  readonly runs: string;
} {
  return { cache, runs: join(cache, 'runs') };
}

/** Makes hosts, an operator's place and an internet on this machine, and gives them when all of them answer. */
export async function startLab(options: LabOptions = {}): Promise<StartedLab> {
  const say = options.say ?? (() => undefined);
  const hosts = hostsOf(options.hosts ?? TWO_HOSTS.length);
  await ensurePrograms();
  const { cache, runs } = labFolders(options.cache);
  mkdirSync(runs, { recursive: true, mode: 0o700 });
  for (const left of await sweep(runs)) say(`cleared away what was left of the lab ${left}`);
  const template = options.images === 'none' ? undefined : await imageStore(cache);
  const compose = await composeProgram(cache);
  const id = randomBytes(4).toString('hex');
  const folder = join(runs, id);
  const maker = markOf(process.pid);
  if (!maker) throw new TypeError('this process has no entry in /proc');
  let record: RunRecord = { id, maker, kept: options.keep === true, startedAt: new Date().toISOString() };
  mkdirSync(folder, { mode: 0o700 });
  writeRecord(runs, record);
  try {
    prepare(folder, { id, hosts, template, compose, options });
    say(`lab ${id}: starting`);
    const lab = launch(folder, record.kept);
    record = { ...record, lab };
    writeRecord(runs, record);
    startWatch(runs, id);
    await standingOf(folder, lab);
    say(`lab ${id}: up`);
    const stop = (): Promise<void> => endLab(runs, record);
    return { ...labAt(folder, id, lab.pid), stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await endLab(runs, record);
    throw error;
  }
}

function prepare(
  folder: string,
  given: {
    readonly id: string;
    readonly hosts: readonly HostMachine[];
    readonly template: string | undefined;
    readonly compose: string;
    readonly options: LabOptions;
  },
): void {
  const { options } = given;
  const told: Settings = {
    id: given.id,
    hosts: [...given.hosts],
    compose: given.compose,
    project: PROJECT,
    node: process.execPath,
    ...(given.template === undefined ? {} : { template: given.template }),
    nas: odditiesHere(options),
    canaries: { mac: [...(options.canaries?.mac ?? CANARIES.mac)], nas: [...(options.canaries?.nas ?? CANARIES.nas)] },
  };
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(told));
  writeFileSync(join(folder, 'model-key'), `sk-ant-lab-${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
  writeFileSync(join(folder, 'telegram-token'), `7000001:${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
}

/** The engine loses two control groups by an unmount: where a machine has them all in one (version 2), that cannot be. */
function odditiesHere({ nas, say }: LabOptions): NasOddities {
  const separate = ['cpu', 'pids'].every((one) => existsSync(`/sys/fs/cgroup/${one}/cgroup.procs`));
  const asked = { ...SYNOLOGY, ...nas };
  if (separate || !asked.noCpuNoPids) return asked;
  if (nas?.noCpuNoPids === true) {
    throw new Problem('lab/cgroups', 'this machine cannot play an engine without the cpu and pids control groups', {
      cause: 'it has control groups of version 2 only',
      fix: 'startLab({ nas: { noCpuNoPids: false } })',
    });
  }
  say?.('control groups of version 2 only: the engine of nas has all of them, unlike a Synology');
  return { ...asked, noCpuNoPids: false };
}

/** The first process of the lab; when it is not kept, the kernel ends it together with this one. */
function launch(folder: string, kept: boolean): { readonly pid: number; readonly start: string } {
  const own = ['unshare', '--pid', '--net', '--mount', '--mount-proc', '--fork', '--kill-child=KILL', '--propagation', 'private'];
  const inside = join(import.meta.dirname, 'inside');
  const argv = [...own, '/bin/sh', join(inside, 'init.sh'), process.execPath, join(inside, 'keeper.ts'), folder];
  const [program = '', ...rest] = kept ? argv : ['setpriv', '--pdeathsig', 'KILL', ...argv];
  const log = openSync(join(folder, 'keeper.log'), 'a', 0o600);
  const child = spawn(program, rest, { cwd: '/', env: { PATH: PLAIN_PATH }, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.unref();
  child.on('error', () => undefined);
  const mark = child.pid === undefined ? undefined : markOf(child.pid);
  if (!mark) throw new Problem('lab/start', 'the lab could not be started', { cause: `${program} did not run`, fix: 'npm run lab -- up' });
  return mark;
}

function startWatch(runs: string, id: string): void {
  const options = { cwd: '/', env: { PATH: PLAIN_PATH }, detached: true, stdio: 'ignore' } as const;
  spawn(process.execPath, [join(import.meta.dirname, 'watch.ts'), runs, id], options).unref();
}

async function standingOf(folder: string, lab: { readonly pid: number; readonly start: string }): Promise<void> {
  const end = await until(
    () =>
      Promise.resolve(
        existsSync(join(folder, 'standing.json'))
          ? 'up'
          : existsSync(join(folder, 'failed.json')) || !isRunning(lab)
            ? 'failed'
            : undefined,
      ),
    { timeoutMs: START_LIMIT_MS, everyMs: 50 },
  );
  if (end === 'up') return;
  const said = existsSync(join(folder, 'failed.json'))
    ? readFileSync(join(folder, 'failed.json'), 'utf8')
    : readFileSync(join(folder, 'keeper.log'), 'utf8').slice(-2000);
  throw new Problem('lab/start', 'the lab did not come up', { cause: said || 'it said nothing in time', fix: 'npm run lab -- up' });
}
