import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { sha256 } from '../../core/digest.ts';
import { Problem, reasonOf } from '../../core/problem.ts';
import { LAYOUT } from './layout.ts';
import { parseSpec, type Spec } from './spec.ts';

/** The specification of a service as it lies in the deployment's folder, with the digest of its bytes. */
export function readSpec(root: string, name: string): { readonly spec: Spec; readonly digest: string } {
  let text: string;
  try {
    text = readFileSync(join(root, LAYOUT.spec(name)), 'utf8');
  } catch (error) {
    throw new Problem('process/no-spec', `there is no service ${name} in this deployment`, {
      cause: reasonOf(error),
      fix: 'write its files with: lobsterpot up',
      from: error,
    });
  }
  return { spec: parseSpec(text, name), digest: sha256(text) };
}
