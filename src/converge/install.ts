import type { Engine } from './engine.ts';
import { installRuntime } from '../openclaw/install/install.ts';

/** Installs OpenClaw into the cache that all deployments share. */
export async function installOpenClaw(engine: Engine, version: string, say: (text: string) => void): Promise<void> {
  await installRuntime(engine.host, { dataFolder: engine.data, version, onProgress: say });
}
