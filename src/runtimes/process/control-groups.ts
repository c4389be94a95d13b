import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { sha256 } from '../../core/digest.ts';
import { until } from '../../core/wait.ts';
import type { Limits } from '../../services/service.ts';

const PARENT = 'lobsterpot';

/** Where the kernel's group controllers that limit memory and processes are mounted; `v2`: both in one hierarchy. */
export type GroupSites =
  | { readonly kind: 'v1'; readonly memory?: string; readonly pids?: string }
  | { readonly kind: 'v2'; readonly at: string }
  | { readonly kind: 'none' };

/** Finds them in the text of /proc/self/mounts; `controllers` are the names in the v2 mount's cgroup.controllers. Pure. */
export function findGroupSites(mounts: string, controllers: (at: string) => readonly string[]): GroupSites {
  const rows = mounts.split('\n').map((line) => line.split(' '));
  const v1 = (controller: string): string | undefined =>
    rows.find(([, , type, options]) => type === 'cgroup' && options?.split(',').includes(controller))?.[1];
  const memory = v1('memory');
  const pids = v1('pids');
  if (memory !== undefined || pids !== undefined) {
    return { kind: 'v1', ...(memory === undefined ? {} : { memory }), ...(pids === undefined ? {} : { pids }) };
  }
  const at = rows.find(([, , type]) => type === 'cgroup2')?.[1];
  if (at === undefined) return { kind: 'none' };
  const has = controllers(at);
  return has.includes('memory') && has.includes('pids') ? { kind: 'v2', at } : { kind: 'none' };
}

/** The folders of one service's groups, each with the values to write into it. Pure. */
export function groupPlan(sites: GroupSites, limits: Limits): readonly { readonly site: string; readonly values: readonly Value[] }[] {
  const bytes = String(limits.memoryMiB * 1024 ** 2);
  // The chain's own processes are counted too; prlimit holds the service itself to its number.
  const tasks = String(limits.processes + 32);
  switch (sites.kind) {
    case 'none':
      return [];
    case 'v1':
      return [
        ...(sites.memory === undefined
          ? []
          : [{ site: sites.memory, values: [value('memory.limit_in_bytes', bytes), value('memory.memsw.limit_in_bytes', bytes, true)] }]),
        ...(sites.pids === undefined ? [] : [{ site: sites.pids, values: [value('pids.max', tasks)] }]),
      ];
    case 'v2':
      return [{ site: sites.at, values: [value('memory.max', bytes), value('memory.swap.max', '0', true), value('pids.max', tasks)] }];
  }
}

type Value = { readonly file: string; readonly text: string; readonly optional: boolean };

function value(file: string, text: string, optional = false): Value {
  return { file, text, optional };
}

/** The control groups of one deployment's services; without the right to make them, `memory` and `pids` are false and nothing is joined. */
export type Groups = {
  readonly memory: boolean;
  readonly pids: boolean;
  /** Makes a service's groups and gives the files through which they are joined. */
  make(name: string, limits: Limits): readonly string[];
  /** The files through which existing groups are joined. */
  joinable(name: string): readonly string[];
  remove(name: string): Promise<void>;
  /** Also what a killed supervisor left behind; groups in use stay. */
  removeAll(): Promise<void>;
};

const NO_GROUPS: Groups = {
  memory: false,
  pids: false,
  make: () => [],
  joinable: () => [],
  remove: () => Promise.resolve(),
  removeAll: () => Promise.resolve(),
};

/** Groups under `lobsterpot/<deployment>-<hash of its folder>`, if this process is root and the host lets it. */
export function openGroups(deployment: string, root: string): Groups {
  if (process.getuid?.() !== 0 || process.platform !== 'linux') return NO_GROUPS;
  const sites = findGroupSites(readFileSync('/proc/self/mounts', 'utf8'), (at) => readWords(join(at, 'cgroup.controllers')));
  const own = join(PARENT, `${deployment}-${sha256(root).slice(0, 8)}`);
  const folders = groupPlan(sites, TRIAL).map(({ site }) => site);
  if (!tryOut(sites, folders)) return NO_GROUPS;
  const remove = async (name: string): Promise<void> => {
    for (const site of folders) {
      // The kernel lets go of a group a moment after its last process.
      await until(() => Promise.resolve(removeEmpty(join(site, own, name)) ? true : undefined), { timeoutMs: 3000, everyMs: 20 });
      removeEmpty(join(site, own));
      removeEmpty(join(site, PARENT));
    }
  };
  const joinable = (name: string): readonly string[] => folders.map((site) => join(site, own, name, 'cgroup.procs'));
  return {
    memory: sites.kind === 'v2' || (sites.kind === 'v1' && sites.memory !== undefined),
    pids: sites.kind === 'v2' || (sites.kind === 'v1' && sites.pids !== undefined),
    make: (name, limits) => {
      for (const site of folders) prepare(site, own, sites.kind === 'v2');
      write(sites, own, name, limits);
      return joinable(name);
    },
    joinable,
    remove,
    removeAll: async () => {
      for (const name of new Set(folders.flatMap((site) => childFolders(join(site, own))))) await remove(name);
      for (const site of folders) for (const folder of [own, PARENT]) removeEmpty(join(site, folder));
    },
  };
}

/** Whether groups can really be made here; leaves nothing behind. */
function tryOut(sites: GroupSites, folders: readonly string[]): boolean {
  const trial = join(PARENT, `.trial-${process.pid}`);
  try {
    for (const site of folders) prepare(site, trial, sites.kind === 'v2');
    write(sites, trial, 'one', TRIAL);
    return true;
  } catch {
    return false;
  } finally {
    for (const site of folders) for (const folder of [join(trial, 'one'), trial, PARENT]) removeEmpty(join(site, folder));
  }
}

const TRIAL: Limits = { memoryMiB: 64, processes: 64, openFiles: 0, fileMiB: 0, tmpMiB: 0 };

function prepare(site: string, own: string, delegate: boolean): void {
  const parent = join(site, PARENT);
  mkdirSync(join(site, own), { recursive: true, mode: 0o755 });
  if (!delegate) return;
  for (const folder of [site, parent, join(site, own)]) writeFileSync(join(folder, 'cgroup.subtree_control'), '+memory +pids');
}

function write(sites: GroupSites, own: string, name: string, limits: Limits): void {
  for (const { site, values } of groupPlan(sites, limits)) {
    const folder = join(site, own, name);
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    for (const { file, text, optional } of values) {
      try {
        writeFileSync(join(folder, file), text, { flag: 'r+' });
      } catch (error) {
        if (!optional) throw error;
      }
    }
  }
}

function childFolders(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []));
  } catch {
    return [];
  }
}

/** True when it is gone. */
function removeEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT';
  }
}

function readWords(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').trim().split(/\s+/);
  } catch {
    return [];
  }
}
