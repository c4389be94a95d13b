import { readFileSync } from 'node:fs';

import { Command } from 'commander';

import { EXIT } from '../core/exit-code.ts';
import { processIo, type Io } from './io.ts';
import { registerApply } from './commands/apply.ts';
import { registerBackup } from './commands/backup.ts';
import { registerDestroy } from './commands/destroy.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerDrift } from './commands/drift.ts';
import { registerDown } from './commands/down.ts';
import { registerEgress } from './commands/egress.ts';
import { registerExec } from './commands/exec.ts';
import { registerInit } from './commands/init.ts';
import { registerLogs } from './commands/logs.ts';
import { registerPlan } from './commands/plan.ts';
import { registerPrune } from './commands/prune.ts';
import { registerRender } from './commands/render.ts';
import { registerRestore } from './commands/restore.ts';
import { registerRotate } from './commands/rotate.ts';
import { registerSecrets } from './commands/secrets.ts';
import { registerStatus } from './commands/status.ts';
import { registerToken } from './commands/token.ts';
import { registerUi } from './commands/ui.ts';
import { registerUnlock } from './commands/unlock.ts';
import { registerUp } from './commands/up.ts';
import { registerUpgrade } from './commands/upgrade.ts';
import { registerVerify } from './commands/verify.ts';
import { registerVersion } from './commands/version.ts';

/** Every command's action gives its exit code here; main sets it once the streams are flushed. */
export type Session = { readonly io: Io; exit: number };

/** lobsterpot's own version, from package.json. */
export function lobsterpotVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const match = /"version": "([^"]+)"/.exec(text);
  return match?.[1] ?? 'unknown';
}

/** The whole command line. Command files load their rooms only when they run, so that `--help` is quick. */
export function buildProgram(session: Session = { io: processIo(), exit: EXIT.ok }): Command {
  const program = new Command('lobsterpot')
    .description('Puts the real OpenClaw on your own machines, keeps it contained, and proves that it is.')
    .version(lobsterpotVersion(), '-V, --version', 'print the version')
    .showHelpAfterError('(lobsterpot --help lists the commands)')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: (text) => session.io.out(text), writeErr: (text) => session.io.talk(text) });
  for (const register of [
    registerInit,
    registerUp,
    registerDoctor,
    registerPlan,
    registerApply,
    registerDrift,
    registerDown,
    registerDestroy,
    registerStatus,
    registerVerify,
    registerExec,
    registerLogs,
    registerUpgrade,
    registerBackup,
    registerRestore,
    registerPrune,
    registerEgress,
    registerSecrets,
    registerRotate,
    registerUi,
    registerToken,
    registerRender,
    registerUnlock,
    registerVersion,
  ]) {
    register(program, session);
  }
  return program;
}
