import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { plan } from '../converge/engine.ts';
import { sha256 } from '../core/digest.ts';
import { stableJson } from '../core/json.ts';
import type { Artifact } from '../runtimes/runtime.ts';
import { openContext } from './context.ts';
import { table, type Io } from './io.ts';

/** Lists the artifacts of a deployment, or writes them below a folder. */
export async function renderDeployment(
  io: Io,
  options: { readonly file?: string; readonly json?: boolean; readonly out?: string },
): Promise<void> {
  const { engine } = await openContext(io, options.file);
  const { desired } = await plan(engine);
  const all = desired.artifacts.filter((one) => one.kind === 'file');
  // Each host has a folder of its own as soon as there are several: a compose.yaml is one host's.
  const alone = new Set(all.map((one) => one.host)).size === 1;
  const files = alone ? all : all.map((one) => ({ ...one, path: join(one.host, one.path) }));
  if (options.out !== undefined) await writeAll(resolve(options.out), files);
  const rows = files.map((one) => ({ path: one.path, mode: one.mode.toString(8), service: one.service, sha256: sha256(one.content) }));
  if (options.json === true) io.out(stableJson({ deployment: engine.deployment.name, files: rows }));
  else io.out(table(rows.map((row) => [row.mode, row.service, row.sha256.slice(0, 12), row.path])));
}

async function writeAll(folder: string, files: readonly Extract<Artifact, { kind: 'file' }>[]): Promise<void> {
  for (const file of files) {
    const path = join(folder, file.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, file.content, { mode: 0o644 });
  }
}
