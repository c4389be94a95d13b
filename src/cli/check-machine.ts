import type { Engine } from '../converge/engine.ts';

/** Refuses, before anything is changed, a machine that cannot run the deployment as the file asks. */
export async function checkMachine(engine: Engine): Promise<void> {
  await engine.runtime.notEnforced();
}
