import { execFileSync } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SIZE = 16 * 1024 ** 2;
/** Below what the proof asks for, above what makes the watch end a service. */
const FILLED = 0.965;

/** Puts a small file system in the place of a service's state, and fills it almost; `emptyState` takes it away. */
export function fillState(root: string, service: string): void {
  const folder = stateOf(root, service);
  const { uid, gid } = statSync(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=0700,uid=${uid},gid=${gid},nosuid,nodev,noexec`, 'none', folder]);
  writeFileSync(join(folder, 'filled'), Buffer.alloc(Math.floor(SIZE * FILLED), 1));
}

/** What lay there before is there again. */
export function emptyState(root: string, service: string): void {
  const folder = stateOf(root, service);
  if (existsSync(join(folder, 'filled'))) execFileSync('umount', ['--lazy', folder]);
}

function stateOf(root: string, service: string): string {
  return join(root, 'services', service, 'state');
}
