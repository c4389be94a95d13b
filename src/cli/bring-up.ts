import { apply, isUnfinished, type ApplyOptions, type Around } from '../converge/apply.ts';
import { describeChange, publicChange, type Change } from '../converge/change.ts';
import { notEnforcedOn } from '../converge/not-enforced.ts';
import { plan, type Engine, type Planned } from '../converge/engine.ts';
import { closeOwn } from '../converge/close-own.ts';
import { refuseHeld } from '../converge/lock.ts';
import { tidy } from '../converge/tidy.ts';
import { nodesBack } from '../converge/nodes-back.ts';
import { finishRotations, isProven } from '../converge/rotate/finish.ts';
import { EXIT, type ExitCode } from '../core/exit-code.ts';
import type { Finding } from '../core/finding.ts';
import { stableJson } from '../core/json.ts';
import { openContext } from './context.ts';
import { describeFinished } from './describe-rotation.ts';
import { finishRestore } from './finish-restore.ts';
import { agree, parseAccept } from './agree.ts';
import { red, type Io } from './io.ts';
import { step } from './step.ts';
import { checkMachine } from './check-machine.ts';
import { proveDeployment, type Proof } from './prove.ts';
import { lobsterpotVersion } from './program.ts';
import { endMove } from '../converge/upgrade/move-note.ts';
import { beginMove, judgeMove, NO_MOVE, refuseAway, refuseUnproven } from './upgrading.ts';
import { describeRunning, headline } from './summary.ts';

export type BringUpOptions = {
  readonly file?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  /** Risks that are agreed to beforehand, e.g. `exposure,data`. */
  readonly accept?: string;
  readonly prove: boolean;
  readonly command: string;
};

/** `up` and `apply` from reading the file to the last word. Gives the exit code. */
export async function bringUp(io: Io, options: BringUpOptions): Promise<ExitCode> {
  const { engine } = await openContext(io, options.file);
  io.talk(`lobsterpot ${lobsterpotVersion()} · ${headline(engine.deployment)}\n\n`);
  const accepted = parseAccept(options.accept);
  const [open, ...others] = await closeOwn(engine.root);
  if (open !== undefined)
    io.talk(
      `  note: ${open}${others.length > 0 ? ` and ${others.length} more` : ''} could be read by others, and is closed again; if somebody did: lobsterpot rotate --help\n`,
    );
  await finishRestore(io, engine, options.command);
  const move = await judgeMove(io, engine);
  const [planned, tidied] = await Promise.all([plan(engine), tidy(engine)]);
  for (const host of tidied) io.talk(`  note: removed on ${host} what an earlier run left when it was cut off\n`);
  let moving = NO_MOVE;
  if (planned.changes.length > 0 || planned.widened.length > 0 || move.kind === 'up') {
    tellWarnings(io, await checkMachine(engine, planned));
    const acceptData = await agree(io, { yes: options.yes === true, accepted, command: options.command }, planned);
    const how = applyOptions(io, engine, { command: options.command, acceptData });
    moving = await beginMove(io, engine, move, how);
    await moving.orBack(async (more) => {
      await apply(engine, { ...how, ...more });
      refuseAway(move, await waitForNodes(io, engine, planned.changes));
    });
  } else {
    await refuseHeld(engine.root);
    io.talk('  nothing to do: everything is as the file says\n');
    // What a run that was cut off at its very end left, and what no run has written down yet.
    if (await isUnfinished(engine)) await apply(engine, applyOptions(io, engine, { command: options.command, acceptData: false }));
  }
  // Once everything runs: what an interrupted rotation left is tried, and let go of.
  const rotations = await finishRotations(engine, options.command);
  for (const one of rotations) io.talk(describeFinished(one));
  const proof =
    options.prove && (planned.changes.length > 0 || move.kind === 'up' || planned.records.provenAt === undefined)
      ? await moving.orBack(async () => {
          const found = await prove(io, engine, planned);
          refuseUnproven(move, found.findings);
          return found;
        })
      : undefined;
  await endMove(engine);
  const unenforced = await notEnforcedOn(engine);
  if (options.json === true) io.out(stableJson(document(engine, planned, proof, unenforced)));
  else io.out(await describeRunning(io, engine, proof?.findings ?? [], unenforced));
  // What could not be tried (no way to the internet, say) does not undo a deployment; `verify` is stricter.
  return (proof === undefined || proof.held) && rotations.every(isProven) ? EXIT.ok : EXIT.findings;
}

/** A node whose gateway or tunnel was started anew comes back by itself, and takes its time. */
async function waitForNodes(io: Io, engine: Engine, changes: readonly Change[]): Promise<readonly string[]> {
  const isFelt = changes.some((change) => change.kind === 'start-service' && change.running && !change.service.startsWith('node-'));
  if (!isFelt || engine.deployment.nodes.length === 0) return [];
  const told = (away: readonly string[]): string => (away.length === 0 ? 'connected' : `not back yet: ${away.join(', ')}`);
  return step(io, 'node hosts', () => nodesBack(engine), told);
}

/** What is wrong on a host and stops nothing. */
function tellWarnings(io: Io, findings: readonly Finding[]): void {
  for (const one of findings.filter(({ status }) => status === 'fail')) {
    io.talk(
      `lobsterpot: ${red(io, 'warning')}: ${one.subject}: ${one.message} (${one.checkId})\n  fix:   ${one.fix ?? 'see docs/checks.md'}\n`,
    );
  }
}

function applyOptions(io: Io, engine: Engine, how: Pick<ApplyOptions, 'command' | 'acceptData'>): ApplyOptions {
  return { ...how, around: telling(io, engine), onNote: (text) => io.talk(`  note: ${text}\n`) };
}

function prove(io: Io, engine: Engine, planned: Planned): Promise<Proof> {
  // Once in a deployment's life the gate is killed too, to see that nothing leaves without it.
  const disruptive = planned.records.provenAt === undefined;
  return step(
    io,
    'proof',
    () => proveDeployment(engine, { disruptive }),
    ({ counts }) => `${counts.pass} pass, ${counts.fail} fail, ${counts.unknown} not tried`,
  );
}

/** Folders and files are quiet; what takes time says what it does. */
export function telling(io: Io, engine: Engine): Around {
  return async (change, work) => {
    const told = toldAs(engine, change);
    if (!told) return work(() => undefined);
    await step(io, told.name, work, () => told.result);
  };
}

function toldAs(engine: Engine, change: Change): { readonly name: string; readonly result: string } | undefined {
  switch (change.kind) {
    case 'install-runtime':
      return { name: `openclaw ${change.version}`, result: 'installed' };
    case 'pull-image':
      return { name: `image ${change.image}`, result: 'there' };
    case 'authorise-link':
      return { name: `link of node ${change.node}`, result: 'its key is let in, for the tunnel alone' };
    case 'withdraw-link':
      return { name: `keys of ${change.user}`, result: 'taken back' };
    case 'forget-node':
      return { name: `node host ${change.node}`, result: 'forgotten' };
    case 'forget-device':
      return { name: `device ${change.device.slice(0, 12)}`, result: `forgotten by gateway ${change.gateway}` };
    case 'leave-host':
      return { name: `host ${change.host}`, result: 'nothing runs there any more' };
    case 'start-service':
      return { name: nameOf(engine, change), result: change.running ? `healthy again (${change.reason})` : 'healthy' };
    case 'stop-service':
      return { name: nameOf(engine, change), result: 'stopped' };
    case 'enrol-node':
      return { name: `node host ${change.node}`, result: 'enrolled, 4 commands' };
    case 'set-exec-policy':
      return { name: `node host ${change.node}`, result: 'exec policy set' };
    case 'generate-secret':
    case 'make-folder':
    case 'write-file':
    case 'place-secret':
    case 'withdraw-secret':
      return undefined;
  }
}

/** `gateway main`, `node host nas`, `gate`. */
function nameOf(engine: Engine, { service, host }: { readonly service: string; readonly host: string }): string {
  const gateway = engine.deployment.gateways.find((one) => `gateway-${one.name}` === service);
  const node = engine.deployment.nodes.find((one) => `node-${one.name}` === service);
  if (gateway) return `gateway ${gateway.name}`;
  if (node) return `node host ${node.name}`;
  // Each host has a gate.
  return engine.deployment.hosts.length === 1 ? service : `${service} on ${host}`;
}

function document(engine: Engine, planned: Planned, proof: Proof | undefined, unenforced: readonly Finding[]): Record<string, unknown> {
  return {
    deployment: engine.deployment.name,
    changes: planned.changes.map((change) => ({ ...publicChange(change), text: describeChange(change) })),
    widens: planned.widened,
    proof: proof ? { green: proof.green, held: proof.held, counts: proof.counts, findings: proof.findings } : null,
    notEnforced: unenforced,
  };
}
