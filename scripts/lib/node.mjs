import { fittingNode } from '../../bin/fitting-node.mjs';
import { fail } from './say.mjs';

/** The Node that runs the project's TypeScript; call it once everything is installed. */
export function projectNode() {
  const { node, ...missing } = fittingNode();
  if (node === undefined) fail(missing.what, missing.cause, missing.fix);
  return node;
}
