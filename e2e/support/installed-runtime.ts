import { dirname, resolve } from 'node:path';
import { testRuntime } from '../../src/openclaw/testing/test-runtime.ts';

/** The data folder that holds the pinned OpenClaw, installed unless it is there; every uid can read it, two runs at once wait for each other. */
export async function installedData(): Promise<string> {
  const { openclaw } = await testRuntime();
  // DATA/runtimes/openclaw-VERSION/node_modules/openclaw/openclaw.mjs
  return resolve(dirname(openclaw), '../../../..');
}
