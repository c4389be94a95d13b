import type { Engine } from '../converge/engine.ts';
import { makeEngine } from '../converge/make-engine.ts';
import { workspaceFrom } from '../converge/workspace.ts';
import { gateBundle } from '../gate/bundle.ts';
import { squidBundle } from '../squid/bundle.ts';
import { localHost } from '../hosts/local-host.ts';
import { loadDeployment } from '../topology/load.ts';
import { findDeploymentFile } from './deployment-file.ts';
import { red, type Io } from './io.ts';

/** What almost every command starts from: the file that was asked for, read and checked, and the engine for it. */
export type Context = { readonly io: Io; readonly engine: Engine };

/** Finds and reads the file, warns of what is valid and unwise, and prepares the engine. Starts and writes nothing. `looksAt`: see `makeEngine`. */
export async function openContext(
  io: Io,
  file: string | undefined,
  quiet = false,
  looksAt: 'files' | 'services' = 'files',
): Promise<Context> {
  const workspace = workspaceFrom(process.env);
  const path = await findDeploymentFile(file, workspace);
  const deployment = loadDeployment(path);
  if (!quiet) {
    for (const warning of deployment.warnings)
      io.talk(`lobsterpot: ${red(io, 'warning')}: ${warning.path}: ${warning.message}\n  fix:   ${warning.fix}\n`);
  }
  const bundle = deployment.proxy === 'squid' ? squidBundle : gateBundle;
  const engine = await makeEngine({ deployment, file: path, workspace, host: localHost('this-machine'), gateBundle: bundle, looksAt });
  return { io, engine };
}
