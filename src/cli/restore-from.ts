import { listBackups, stampOf, type Backup } from '../converge/backup/backup-store.ts';
import { imageOfVersion } from '../converge/backup/used-images.ts';
import { refuseNewer, restoreService } from '../converge/backup/restore-state.ts';
import { endRestoring, readRestoring, refuseRestoring } from '../converge/backup/restoring.ts';
import { findTarget, targetsOf } from '../converge/backup/targets.ts';
import type { Change } from '../converge/change.ts';
import { plan, recordsOf, siteOf } from '../converge/engine.ts';
import { takeHostLocks } from '../converge/host-lock.ts';
import { takeLock } from '../converge/lock.ts';
import { nodesAway, nodesBack } from '../converge/nodes-back.ts';
import { endMove } from '../converge/upgrade/move-note.ts';
import { goBackTo, undoBack } from '../converge/upgrade/go-back.ts';
import { readRan } from '../converge/upgrade/ran-versions.ts';
import { editVersion } from '../converge/upgrade/edit-version.ts';
import type { BackedUp } from '../converge/upgrade/back-up-all.ts';
import { EXIT, type ExitCode } from '../core/exit-code.ts';
import { stableJson } from '../core/json.ts';
import { plainText } from '../core/plain-text.ts';
import { Problem } from '../core/problem.ts';
import { cancelled, confirm } from './confirm.ts';
import { openContext } from './context.ts';
import { describeBackups, publicBackup } from './describe-backup.ts';
import type { Io } from './io.ts';
import { step } from './step.ts';
import { withEdited } from './upgrade-to.ts';
import { engineOf } from './upgrading.ts';

type Options = {
  readonly file?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly service?: string;
  readonly backup?: string;
};

/** `restore SERVICE [BACKUP]`: one state, under the OpenClaw that runs. */
export async function restoreOne(io: Io, options: Options): Promise<ExitCode> {
  const { engine } = await openContext(io, options.file, true);
  const target = findTarget(engine.deployment, options.service ?? '');
  await refuseRestoring(engine, (note) => note.openclaw === undefined && target.service in note.backups);
  const backup = pick(await listBackups(engine, target.service), target.service, options.backup);
  refuseNewer(backup, (await readRan(engine)).get(target.service) ?? engine.deployment.openclaw);
  await agree(io, options, [backup]);
  const { stamp } = await step(
    io,
    target.service,
    async () => {
      const command = `lobsterpot restore ${target.service} ${backup.id}`;
      await using _lock = await takeLock(engine.root, command, () => undefined);
      await using _host = await takeHostLocks(engine, [await siteOf(engine, target)], command, () => undefined);
      return restoreService(engine, target, backup, command);
    },
    () => `healthy, as it was at ${backup.at}`,
  );
  if (engine.deployment.nodes.length > 0) {
    await step(
      io,
      'node hosts',
      async () => {
        await nodesBack(engine);
        return nodesAway(engine);
      },
      (away) => (away.length === 0 ? 'connected' : `not there: ${away.join(', ')}`),
    );
  }
  if (options.json !== true)
    io.out(`restored ${target.service} from ${backup.id}; the state from before is kept until: lobsterpot prune\n`);
  // A node that was enrolled since is not known to a gateway of then, and the like. What was restored is told, whatever comes of this.
  const { changes } = await plan(engine);
  if (options.json === true) io.out(stableJson({ restored: publicBackup(backup), aside: stamp, changes: changes.length }));
  else if (changes.length > 0) io.out(`what is not as the file says since then: lobsterpot plan ; mend it: lobsterpot up\n`);
  return EXIT.ok;
}

/** `restore --openclaw VERSION`: the version, and every state as it was last backed up under it. */
export async function restoreAll(io: Io, openclaw: string, options: Options): Promise<ExitCode> {
  if (options.service !== undefined) throw oneOrAll();
  const { engine } = await openContext(io, options.file, true);
  await refuseRestoring(engine, (note) => note.openclaw === openclaw);
  const states = await Promise.all(
    targetsOf(engine.deployment).map(async (target): Promise<BackedUp> => {
      const made = (await listBackups(engine, target.service)).filter((one) => one.openclaw === openclaw);
      return { target, backup: pick(made, target.service, undefined, openclaw) };
    }),
  );
  await agree(
    io,
    options,
    states.map((one) => one.backup),
  );
  const { deployment } = engine;
  const image = await imageOfVersion(engine, openclaw);
  const cutOff = await readRestoring(engine);
  const stamp = cutOff?.stamp ?? stampOf(new Date());
  const ran = await readRan(engine);
  const isOfMakers = deployment.image === `ghcr.io/openclaw/openclaw:${deployment.openclaw}`;
  await withEdited(
    engine,
    (text) => editVersion(text, { openclaw, ...(isOfMakers || image === undefined ? {} : { image }) }),
    async () => {
      const old = await engineOf(engine, openclaw, await recordsOf(engine), image);
      const command = `lobsterpot restore --openclaw ${openclaw}`;
      const how = {
        command,
        stamp,
        acceptData: false,
        around: (_change: Change, work: (say: () => void) => Promise<void>) => work(() => undefined),
        onNote: (text: string) => io.talk(`  note: ${text}\n`),
      };
      try {
        await step(
          io,
          'going back',
          () => goBackTo(old, states, how),
          () => `OpenClaw ${openclaw} with its states`,
        );
      } catch (failure) {
        if (cutOff || !(await readRestoring(engine))) throw failure;
        await undoBack(engine, states, { command, stamp, ran });
        throw notBack(failure, openclaw);
      }
      await endMove(engine);
      await endRestoring(engine);
    },
  );
  if (options.json === true) io.out(stableJson({ openclaw, restored: states.map(({ backup }) => publicBackup(backup)) }));
  else
    io.out(
      `OpenClaw ${openclaw} runs with the states of then; those from before are kept until: lobsterpot prune\nprove it: lobsterpot verify\n`,
    );
  return EXIT.ok;
}

function pick(backups: readonly Backup[], service: string, id: string | undefined, openclaw?: string): Backup {
  const found = id === undefined ? backups[0] : backups.find((one) => one.id === id);
  if (found) return found;
  const of = openclaw === undefined ? '' : ` that OpenClaw ${plainText(openclaw, 20)} made`;
  throw new Problem(
    'backup/none',
    id === undefined ? `there is no backup of ${service}${of}` : `${service} has no backup ${plainText(id, 60)}`,
    {
      cause: backups.length === 0 ? 'none was made, or they were removed' : `it has: ${backups.map((one) => one.id).join(', ')}`,
      fix: 'lobsterpot backup --list',
      exit: EXIT.usage,
    },
  );
}

async function agree(io: Io, { yes }: Options, backups: readonly Backup[]): Promise<void> {
  if (yes === true) return;
  io.talk(describeBackups(backups, Date.now()));
  if (!(await confirm('put this in the place of the state of now?'))) throw cancelled('not restored');
}

function notBack(failure: unknown, openclaw: string): unknown {
  if (!(failure instanceof Problem)) return failure;
  return new Problem(
    'backup/not-gone-back',
    `OpenClaw ${plainText(openclaw, 20)} does not run with the states of then; those of now are back`,
    {
      cause: `${failure.message}: ${failure.why}`,
      fix: 'lobsterpot up , which starts what ran before',
      exit: failure.exit,
      from: failure,
    },
  );
}

function oneOrAll(): Problem {
  return new Problem('cli/value', 'restore takes a service, or --openclaw for all of them', {
    cause: 'both were given',
    fix: 'lobsterpot restore SERVICE [BACKUP]',
    exit: EXIT.usage,
  });
}
