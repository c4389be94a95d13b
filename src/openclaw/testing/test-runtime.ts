import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localHost } from '../../hosts/local-host.ts';
import { installRuntime } from '../install/install.ts';
import { PINNED_OPENCLAW } from '../versions.ts';
import type { BareRuntime } from './bare-service.ts';

/**
 * The pinned runtime (or an older one that a lock is shipped for) for end-to-end tests, installed once a machine: below LOBSTERPOT_TEST_DATA, or in a folder of
 * the temporary directory, where services that run as other uids can read it.
 */
export async function testRuntime(version: string = PINNED_OPENCLAW): Promise<BareRuntime> {
  const dataFolder = process.env['LOBSTERPOT_TEST_DATA'] ?? sharedFolder();
  return installRuntime(localHost('here'), { dataFolder, version });
}

function sharedFolder(): string {
  const uid = process.getuid?.() ?? 0;
  const folder = join(tmpdir(), `lobsterpot-test-${uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const state = lstatSync(folder);
  // Anybody may make folders in the temporary directory, and what lies here is executed.
  if (!state.isDirectory() || state.uid !== uid || (state.mode & 0o022) !== 0) throw new Error(`${folder} is not ours alone`);
  return folder;
}
