import { rmSync, writeFileSync } from 'node:fs';

import { EXIT } from '../../../core/exit-code.ts';
import { Problem, reasonOf } from '../../../core/problem.ts';
import { resolver } from '../beside.ts';
import { chain, type ChainMode } from '../chain.ts';
import { probeChain } from '../chain-probe.ts';
import { openGroups } from '../control-groups.ts';
import { directArgv } from '../direct.ts';
import { LAYOUT } from '../layout.ts';
import { readSpec } from '../read-spec.ts';
import { serviceSandbox } from '../sandbox.ts';
import { serveControl } from './control.ts';
import { closeInherited } from './descriptors.ts';
import { takeLock } from '../../../hosts/kernel-lock.ts';
import type { Answer, Request } from './protocol.ts';
import { watchResolver } from './resolver-watch.ts';
import { Runner, type Launch } from './runner.ts';

// The daemon of one deployment: `node main.ts FOLDER DEPLOYMENT`. Everything it starts dies with it.
const [root = '', deployment = ''] = process.argv.slice(2);
if (process.platform === 'linux') closeInherited();
process.umask(0o077);
// Socket paths are relative to here: an absolute one may be longer than a Unix address.
process.chdir(root);
process.on('SIGHUP', () => undefined);

const lock = takeLock(LAYOUT.lock) ?? process.exit(EXIT.locked);
process.title = `lobsterpot supervisor ${deployment}`;

const groups = openGroups(deployment, root);
const runners = new Map<string, Runner>();
let mode: ChainMode | undefined;

const launch: Launch = {
  argv: (spec) => {
    if (spec.containment === 'none') return directArgv(spec, root);
    if (mode === undefined) throw new TypeError('the chain was not probed');
    return chain(serviceSandbox(spec, { root, mode, groups: groups.make(spec.service.name, spec.service.limits), ...resolver(spec) }));
  },
  cleanUp: (name) => groups.remove(name),
};

async function needChain(name: string): Promise<void> {
  if (mode !== undefined || readSpec('.', name).spec.containment === 'none') return;
  const probe = await probeChain();
  if (!probe.ok)
    throw new Problem('process/chain', `this host cannot contain ${name}`, { cause: `${probe.step}: ${probe.cause}`, fix: probe.fix });
  mode = probe.mode;
}

function runnerOf(name: string): Runner {
  const known = runners.get(name);
  if (known) return known;
  if (!/^[a-z][a-z0-9-]{0,80}$/.test(name)) {
    throw new Problem('process/name', 'that is not the name of a service', {
      cause: 'it has other characters than a-z, 0-9 and -',
      fix: 'lobsterpot status',
    });
  }
  const runner = new Runner(name, launch);
  runners.set(name, runner);
  return runner;
}

async function handle(request: Request): Promise<Answer> {
  switch (request.op) {
    case 'status':
      break;
    case 'start':
      await needChain(request.name);
      await runnerOf(request.name).start();
      break;
    case 'stop':
      await runners.get(request.name)?.stop();
      break;
    case 'shutdown':
      await stopAll();
      // The answer is sent first.
      setTimeout(leave, 50);
      break;
  }
  return { ok: true, pid: process.pid, ...(mode === undefined ? {} : { mode }), services: [...runners.values()].map((one) => one.state()) };
}

async function stopAll(): Promise<void> {
  await Promise.all([...runners.values()].map((one) => one.stop()));
}

/** Gives the lock back last. Naming it here also keeps it: the collector would close a lock that nothing refers to (measured). */
function leave(): never {
  rmSync(LAYOUT.control, { force: true });
  rmSync(LAYOUT.pid, { force: true });
  lock[Symbol.dispose]();
  process.exit(EXIT.ok);
}

/** Into this daemon's own log. */
function report(error: unknown): void {
  process.stderr.write(`lobsterpot: ${reasonOf(error)}\n`);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => void stopAll().then(leave));
}

watchResolver('/etc/resolv.conf', () => {
  for (const runner of runners.values()) void runner.networkChanged().catch(report);
});

writeFileSync(LAYOUT.pid, `${process.pid}\n`, { mode: 0o600 });
await serveControl(LAYOUT.control, handle);
