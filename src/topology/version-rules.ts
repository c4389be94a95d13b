import { isRecord } from '../core/json.ts';
import type { Mistake } from './mistake.ts';

/** Versions whose node hosts offer everything that they can, and cannot be told to offer less (tried). */
const WITHOUT_NODES: ReadonlySet<unknown> = new Set(['2026.9.4']);

/** A node under an OpenClaw that cannot hold it to its commands. Reads the file without the schema. */
export function checkVersion(file: unknown): readonly Mistake[] {
  const { openclaw, nodes } = isRecord(file) ? file : {};
  if (!WITHOUT_NODES.has(openclaw) || !isRecord(nodes) || Object.keys(nodes).length === 0) return [];
  return [
    {
      code: 'value',
      path: ['openclaw'],
      what: `OpenClaw ${String(openclaw)} runs gateways alone`,
      cause: 'its node hosts offer every command that they have, and nothing of theirs says which',
      change: 'take a newer one, or remove the nodes',
    },
  ];
}
