import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';

import { EXIT } from '../../core/exit-code.ts';
import { Problem } from '../../core/problem.ts';
import type { Host } from '../../hosts/host.ts';
import { shortPath, typedPath } from './typed-path.ts';

/** Throws a Problem where anything is at the path: a file, a folder, a link that leads nowhere. */
export async function refuseTaken(host: Host, path: string): Promise<void> {
  const [state] = await host.stat([path]);
  if (state?.kind !== 'absent') throw taken(path);
}

/** The whole file at once, and never over another one: what came there meanwhile stays, and is a Problem. */
export async function writeNew(host: Host, path: string, text: string): Promise<void> {
  const made = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.new`);
  try {
    await host.write(made, text, { mode: 0o644 });
    if (!(await host.link(made, path))) throw taken(path);
  } finally {
    await host.remove(made);
  }
}

function taken(path: string): Problem {
  const file = shortPath(path);
  return new Problem('init/taken', `there is a ${file} already`, {
    cause: 'init writes a new file and changes none',
    fix: `move it away (mv ${typedPath(file)} ${typedPath(`${file}.old`)}), or write another one: npx lobsterpot init --file other.yaml`,
    exit: EXIT.usage,
  });
}
