import type { Engine } from '../converge/engine.ts';
import type { Finding } from '../core/finding.ts';

export type Proof = { readonly green: boolean; readonly passed: number; readonly total: number; readonly findings: readonly Finding[] };

export async function proveDeployment(_engine: Engine, _options: { readonly disruptive: boolean; readonly say: (text: string) => void }): Promise<Proof> {
  return { green: false, passed: 0, total: 0, findings: [] };
}
