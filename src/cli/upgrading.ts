import type { ApplyOptions } from '../converge/apply.ts';
import { plan, recordsOf, type Engine } from '../converge/engine.ts';
import { makeEngine } from '../converge/make-engine.ts';
import type { BackedUp } from '../converge/upgrade/back-up-all.ts';
import { checkTarget, type HostOfVersion } from '../converge/upgrade/check-target.ts';
import { goBackTo, statesOfBefore } from '../converge/upgrade/go-back.ts';
import { judgeVersion, type Move } from '../converge/upgrade/judge-version.ts';
import { endMove, readMove, writeMove } from '../converge/upgrade/move-note.ts';
import { noteStart, readRan, writeRan } from '../converge/upgrade/ran-versions.ts';
import { openWayBack } from '../converge/upgrade/way-back.ts';
import { workspaceFrom } from '../converge/workspace.ts';
import { EXIT } from '../core/exit-code.ts';
import type { Finding } from '../core/finding.ts';
import { Problem, reasonOf } from '../core/problem.ts';
import { localHost } from '../hosts/local-host.ts';
import type { Io } from './io.ts';
import { step } from './step.ts';

/** What a run of `up` or `apply` does about the version of the states: nothing, or an upgrade with a way back. */
export type Moving = {
  /** Does a part of it, with what `apply` is given for it; when that throws, version and states are brought back and told of. */
  orBack<T>(work: (more: Pick<ApplyOptions, 'beforeRestart'>) => Promise<T>): Promise<T>;
};

/** The version stays. */
export const NO_MOVE: Moving = { orBack: (work) => work({}) };

/** What the file's version asks for; a Problem where that is a way down or a version that must not run. Changes nothing. */
export async function judgeMove(io: Io, engine: Engine): Promise<Move> {
  const { deployment } = engine;
  const [ran, cutOff] = await Promise.all([readRan(engine), readMove(engine)]);
  const move = judgeVersion(ran, deployment.openclaw, cutOff);
  switch (move.kind) {
    case 'stay':
      break;
    case 'down':
      throw new Problem('upgrade/lower', `OpenClaw ${move.to} cannot run on what ${move.from} left`, {
        cause: `the state of ${move.services.join(', ')} was last run with ${move.from}; an older one refuses it`,
        fix: `set openclaw: ${move.from} in ${engine.file}, or go back with the state of then: lobsterpot restore --openclaw ${move.to}`,
        exit: EXIT.usage,
      });
    case 'up':
      if (move.cutOff) io.talk(`  note: the upgrade from OpenClaw ${move.from} to ${move.cutOff.to} was cut off; going on with it\n`);
      for (const note of checkTarget(deployment, move.from, await hostsOf(engine))) io.talk(`  note: ${note}\n`);
  }
  return move;
}

async function hostsOf(engine: Engine): Promise<readonly HostOfVersion[]> {
  const records = await recordsOf(engine);
  return Promise.all(
    [...(await engine.sites()).values()].map(async ({ name, kind, machine }) => {
      const image = records.hosts[name]?.image;
      return { name, kind, kernel: (await machine.facts()).kernel, ...(image ? { image } : {}) };
    }),
  );
}

/** Before anything is changed: notes the version that is about to run and, where it is a new one, backs every state up. */
export async function beginMove(io: Io, engine: Engine, move: Move, options: Omit<ApplyOptions, 'beforeRestart'>): Promise<Moving> {
  if (move.kind !== 'up') {
    await noteStart(engine);
    return NO_MOVE;
  }
  const [now, { note, states }] = await Promise.all([
    recordsOf(engine),
    step(
      io,
      'backup',
      (say) => openWayBack(engine, move, options.command, ({ service }) => say(`${service} done`)),
      ({ states: all, kept, note: { at } }) =>
        kept > 0
          ? `${kept} of ${all.length} from before the run that was cut off (${at})`
          : `${all.length} made with OpenClaw ${move.from}, each restored once to try it`,
    ),
  ]);
  await noteStart(engine);
  const records = { ...now, hosts: note.hosts };
  const noteBack = (): Promise<void> => writeMove(engine, { ...note, isGoingBack: true });
  let isBack = false;
  const failed = async (failure: unknown): Promise<unknown> => {
    try {
      const old = await engineOf(engine, move.from, records);
      // `apply` has brought files and states back itself, and started them; or nothing had been touched.
      const runsAgain = isBack && !(failure instanceof Problem && failure.code === 'converge/not-restored');
      const isUntouched = !isBack && (await plan(old)).changes.length === 0;
      if (!runsAgain && !isUntouched) {
        await noteBack();
        await back(io, old, states, { ...options, hosts: records.hosts }, move.from);
      }
      await writeRan(engine, new Map(Object.entries(note.ran)));
      await endMove(engine);
      return told(failure, move, isUntouched, options.command);
    } catch (second) {
      return notBack(failure, second, move, states);
    }
  };
  return {
    orBack: async (work) => {
      try {
        return await work({ beforeRestart: statesOfBefore(states, noteBack, () => (isBack = true)) });
      } catch (failure) {
        throw await failed(failure);
      }
    },
  };
}

/** An upgrade whose nodes do not come back has failed; without one they may take their time. */
export function refuseAway(move: Move, away: readonly string[]): void {
  if (move.kind !== 'up' || away.length === 0) return;
  throw new Problem('upgrade/nodes', `node ${away.join(', ')} did not come back to its gateway`, {
    cause: 'it was given its time',
    fix: `lobsterpot logs node-${away[0] ?? ''}`,
  });
}

/** An upgrade whose proof fails has failed. */
export function refuseUnproven(move: Move, findings: readonly Finding[]): void {
  const [first, ...others] = findings.filter((one) => one.status === 'fail');
  if (move.kind !== 'up' || !first) return;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  throw new Problem('upgrade/not-proven', `OpenClaw ${move.to} runs, and the proof does not hold${more}`, {
    cause: `${first.checkId}: ${first.subject}: ${first.message}`,
    fix: first.fix ?? 'see docs/checks.md',
  });
}

async function back(
  io: Io,
  old: Engine,
  states: readonly BackedUp[],
  options: Parameters<typeof goBackTo>[2],
  from: string,
): Promise<void> {
  await step(
    io,
    'going back',
    () => goBackTo(old, states, options),
    () => `OpenClaw ${from} with its state`,
  );
}

/** The same deployment as it was with an earlier version; `image`: where it is known by what name its image went. */
export async function engineOf(
  engine: Engine,
  openclaw: string,
  records: Awaited<ReturnType<typeof recordsOf>>,
  image?: string,
): Promise<Engine> {
  const images = Object.values(records.hosts).flatMap(({ image }) => (image?.openclaw === openclaw ? [image.asked] : []));
  const { deployment, file, gateBundle } = engine;
  return makeEngine({
    deployment: {
      ...deployment,
      openclaw,
      image: images[0] ?? image ?? deployment.image.replace(`:${deployment.openclaw}`, `:${openclaw}`),
    },
    file,
    gateBundle,
    workspace: workspaceFrom(process.env),
    host: localHost('this-machine'),
  });
}

function told(failure: unknown, { to, from }: Extract<Move, { readonly kind: 'up' }>, isUntouched: boolean, command: string): unknown {
  if (!(failure instanceof Problem)) return failure;
  const how = isUntouched ? `OpenClaw ${from} still runs and was not touched` : `OpenClaw ${from} runs again, with its state from before`;
  return new Problem('upgrade/failed', `the upgrade from OpenClaw ${from} to ${to} failed; ${how}`, {
    cause: `${failure.message}: ${failure.why}`,
    // `upgrade` puts the file back too; what a person wrote into it is left to them.
    fix: command.startsWith('lobsterpot upgrade')
      ? failure.fix
      : `${failure.fix} ; the file still asks for ${to}: set openclaw: ${from} to stay`,
    exit: failure.exit,
    from: failure,
  });
}

function notBack(
  failure: unknown,
  second: unknown,
  { to, from }: Extract<Move, { readonly kind: 'up' }>,
  states: readonly BackedUp[],
): Problem {
  const why = (one: unknown): string => (one instanceof Problem ? `${one.message}: ${one.why}` : reasonOf(one));
  return new Problem('upgrade/not-back', `the upgrade to OpenClaw ${to} failed, and ${from} could not be brought back`, {
    cause: `the upgrade: ${why(failure)} ; going back: ${why(second)}`,
    fix: `lobsterpot restore --openclaw ${from} ; the states of before are in: ${states.map(({ backup }) => backup.archive).join(', ')}`,
    from: failure,
  });
}
