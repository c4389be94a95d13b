import { apply, type Around } from '../converge/apply.ts';
import { describeChange, publicChange, type Change } from '../converge/change.ts';
import { notEnforcedOn } from '../converge/not-enforced.ts';
import { plan, type Engine, type Planned } from '../converge/engine.ts';
import { nodesBack } from '../converge/nodes-back.ts';
import { EXIT, type ExitCode } from '../core/exit-code.ts';
import type { Finding } from '../core/finding.ts';
import { stableJson } from '../core/json.ts';
import { cancelled, confirm } from './confirm.ts';
import { openContext } from './context.ts';
import { describePlan } from './describe-plan.ts';
import { red, step, type Io } from './io.ts';
import { checkMachine } from './check-machine.ts';
import { proveDeployment, type Proof } from './prove.ts';
import { lobsterpotVersion } from './program.ts';
import { describeRunning, headline } from './summary.ts';

export type BringUpOptions = {
  readonly file?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly prove: boolean;
  readonly command: string;
};

/** `up` and `apply` from reading the file to the last word. Gives the exit code. */
export async function bringUp(io: Io, options: BringUpOptions): Promise<ExitCode> {
  const { engine } = await openContext(io, options.file);
  io.talk(`lobsterpot ${lobsterpotVersion()} · ${headline(engine.deployment)}\n\n`);
  const planned = await plan(engine);
  if (planned.changes.length > 0) {
    tellWarnings(io, await checkMachine(engine, planned));
    await agree(io, options, planned.changes);
    await apply(engine, { command: options.command, around: telling(io, engine), onNote: (text) => io.talk(`  note: ${text}\n`) });
    await waitForNodes(io, engine, planned.changes);
  } else {
    io.talk('  nothing to do: everything is as the file says\n');
  }
  const proof =
    options.prove && (planned.changes.length > 0 || planned.records.provenAt === undefined) ? await prove(io, engine, planned) : undefined;
  const unenforced = await notEnforcedOn(engine);
  if (options.json === true) io.out(stableJson(document(engine, planned, proof, unenforced)));
  else io.out(await describeRunning(io, engine, proof?.findings ?? [], unenforced));
  // What could not be tried (no way to the internet, say) does not undo a deployment; `verify` is stricter.
  return proof === undefined || proof.held ? EXIT.ok : EXIT.findings;
}

/** A node whose gateway or tunnel was started anew comes back by itself, and takes its time. */
async function waitForNodes(io: Io, engine: Engine, changes: readonly Change[]): Promise<void> {
  const isFelt = changes.some((change) => change.kind === 'start-service' && change.running && !change.service.startsWith('node-'));
  if (!isFelt || engine.deployment.nodes.length === 0) return;
  const told = (away: readonly string[]): string => (away.length === 0 ? 'connected' : `not back yet: ${away.join(', ')}`);
  await step(io, 'node hosts', () => nodesBack(engine), told);
}

/** What is wrong on a host and stops nothing. */
function tellWarnings(io: Io, findings: readonly Finding[]): void {
  for (const one of findings.filter(({ status }) => status === 'fail')) {
    io.talk(
      `lobsterpot: ${red(io, 'warning')}: ${one.subject}: ${one.message} (${one.checkId})\n  fix:   ${one.fix ?? 'see docs/checks.md'}\n`,
    );
  }
}

async function agree(io: Io, options: BringUpOptions, changes: readonly Change[]): Promise<void> {
  if (options.yes === true) return;
  io.talk(describePlan(changes));
  if (!(await confirm('apply this plan?'))) throw cancelled('not applied');
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
function telling(io: Io, engine: Engine): Around {
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
    proof: proof ? { green: proof.green, held: proof.held, counts: proof.counts, findings: proof.findings } : null,
    notEnforced: unenforced,
  };
}
