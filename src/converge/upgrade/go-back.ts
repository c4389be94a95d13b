import { putBack, clearArchive } from '../../openclaw/backup/state-archive.ts';
import { apply, type ApplyOptions } from '../apply.ts';
import { stampOf } from '../backup/backup-store.ts';
import { replaceState } from '../backup/restore-state.ts';
import { accessTo } from '../backup/targets.ts';
import { plan, siteOf, updateRecords, type Engine } from '../engine.ts';
import { takeHostLocks } from '../host-lock.ts';
import { takeLock } from '../lock.ts';
import { place } from '../placing.ts';
import type { Records } from '../records.ts';
import type { BackedUp } from './back-up-all.ts';
import { noteStart } from './ran-versions.ts';

/**
 * Brings a deployment back to an earlier OpenClaw together with the states of then. `engine` is of that version. Every gateway and node
 * is stopped, the files of then are written, each state is replaced by its backup (the present one is kept aside), and all is started.
 */
export async function goBackTo(
  engine: Engine,
  states: readonly BackedUp[],
  options: ApplyOptions & { readonly hosts?: Records['hosts'] },
): Promise<void> {
  await replaceAll(engine, states, options);
  await noteStart(engine);
  await apply(engine, options);
}

async function replaceAll(
  engine: Engine,
  states: readonly BackedUp[],
  options: { readonly command: string; readonly hosts?: Records['hosts'] },
): Promise<void> {
  await using _lock = await takeLock(engine.root, options.command, () => undefined);
  const { hosts } = options;
  if (hosts) await updateRecords(engine, (records) => ({ ...records, hosts: { ...records.hosts, ...hosts } }));
  engine.forgetSites();
  await using _hosts = await takeHostLocks(engine, (await engine.sites()).values(), options.command, () => undefined);
  const stamp = stampOf(new Date());
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
