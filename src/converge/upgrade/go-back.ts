import { putBack, clearArchive } from '../../openclaw/backup/state-archive.ts';
import { apply, type ApplyOptions } from '../apply.ts';
import { stampOf } from '../backup/backup-store.ts';
import { replaceState } from '../backup/restore-state.ts';
import { endRestoring, writeRestoring } from '../backup/restoring.ts';
import { accessTo } from '../backup/targets.ts';
import { plan, siteOf, updateRecords, type Engine } from '../engine.ts';
import { takeHostLocks } from '../host-lock.ts';
import { takeLock } from '../lock.ts';
import { place } from '../placing.ts';
import type { Records } from '../records.ts';
import type { BackedUp } from './back-up-all.ts';
import { noteStart, writeRan } from './ran-versions.ts';

/** `stamp`: what the states of now are kept under; with it, a note says so until whoever asked for it has it removed. */
export type BackOptions = ApplyOptions & { readonly hosts?: Records['hosts']; readonly stamp?: string };

/**
 * Brings a deployment back to an earlier OpenClaw together with the states of then. `engine` is of that version. Every gateway and node
 * is stopped, the files of then are written, each state is replaced by its backup (the present one is kept aside), and all is started.
 */
export async function goBackTo(engine: Engine, states: readonly BackedUp[], options: BackOptions): Promise<void> {
  await replaceAll(engine, states, options);
  await noteStart(engine);
  await apply(engine, options);
}

async function replaceAll(
  engine: Engine,
  states: readonly BackedUp[],
  options: Pick<BackOptions, 'command' | 'hosts' | 'stamp'>,
): Promise<void> {
  await using _lock = await takeLock(engine.root, options.command, () => undefined);
  if (options.stamp !== undefined) {
    const backups = Object.fromEntries(states.map(({ target, backup }) => [target.service, backup.id]));
    await writeRestoring(engine, { version: 1, stamp: options.stamp, backups, openclaw: engine.deployment.openclaw });
  }
  const { hosts } = options;
  if (hosts) await updateRecords(engine, (records) => ({ ...records, hosts: { ...records.hosts, ...hosts } }));
  engine.forgetSites();
  await using _hosts = await takeHostLocks(engine, (await engine.sites()).values(), options.command, () => undefined);
  const stamp = options.stamp ?? stampOf(new Date());
  const replaced: BackedUp[] = [];
  for (const { target } of states) await (await siteOf(engine, target)).runtime.stop([target.service]);
  await writeFiles(engine);
  try {
    for (const state of states) {
      replaced.push(state);
      await replaceState(engine, state.target, state.backup, stamp);
    }
  } catch (failure) {
    // All of them or none: a gateway of then and a node of now do not know each other.
    for (const { target } of replaced) {
      const access = await accessTo(engine, target);
      await putBack(access, stamp);
      await clearArchive(access);
    }
    throw failure;
  }
}

/**
 * After going back has failed: the states of now are in their places again, nothing is started on them. `engine` is of the version of now,
 * `ran` what the states were run with.
 */
export async function undoBack(
  engine: Engine,
  states: readonly BackedUp[],
  { command, stamp, ran }: { readonly command: string; readonly stamp: string; readonly ran: ReadonlyMap<string, string> },
): Promise<void> {
  await using _lock = await takeLock(engine.root, command, () => undefined);
  engine.forgetSites();
  await using _hosts = await takeHostLocks(engine, (await engine.sites()).values(), command, () => undefined);
  for (const { target } of states) {
    const access = await accessTo(engine, target);
    await access.site.runtime.stop([target.service]);
    await putBack(access, stamp);
    await clearArchive(access);
  }
  await writeRan(engine, ran);
  await endRestoring(engine);
}

/** The files alone: what runs a command in a service's sandbox reads them, and nothing is started on them yet. */
async function writeFiles(engine: Engine): Promise<void> {
  const { changes } = await plan(engine);
  for (const change of changes) {
    const site = await siteOf(engine, change);
    switch (change.kind) {
      case 'install-runtime':
      case 'pull-image':
        await site.base.bring(() => undefined);
        break;
      case 'make-folder':
      case 'write-file':
      case 'place-secret':
      case 'withdraw-secret':
        await place(site, engine.store, change);
        break;
      default:
    }
  }
}

/**
 * What `apply` does, once the files of before are back after a failed change and before their services start: the state of each that
 * the failed change touched comes from its backup.
 */
export function statesOfBefore(
  states: readonly BackedUp[],
  onBegin: () => Promise<void>,
  onDone: () => void,
): NonNullable<ApplyOptions['beforeRestart']> {
  return async (engine, services) => {
    await onBegin();
    const stamp = stampOf(new Date());
    for (const { target, backup } of states) {
      if (!services.some((one) => one.host === target.host && one.service === target.service)) continue;
      await replaceState(engine, target, backup, stamp);
    }
    onDone();
  };
}
