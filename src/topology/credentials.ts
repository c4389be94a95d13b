import { z } from 'zod';
import { isRecord } from '../core/json.ts';
import type { GatewayEntry } from './deployment.ts';
import type { Mistake } from './mistake.ts';

const WAYS = 'route or file';

/** Where a gateway's outside credentials are. */
export const credentialsSchema = z.enum(['route', 'file'], { error: WAYS }).optional().meta({
  description:
    "Where the model's key and a bot's token are. `route`: in the gate alone, which adds them to the requests of this gateway; OpenClaw has none of them. `file`: in files that OpenClaw reads. Without it: `file`; a new file should say `route` (docs/routes.md). An OpenClaw before 2026.9.6 cannot use a route.",
});

/** Versions that ask even their own loopback through the proxy, so that a route there is out of reach (tried with 2026.9.4). */
const WITHOUT_ROUTES: ReadonlySet<unknown> = new Set(['2026.9.4', '2026.9.5']);

const DEFAULT = 'file';

/** What the file says, or the default. */
export function credentialsOf(written: 'route' | 'file' | undefined): GatewayEntry['credentials'] {
  return written ?? DEFAULT;
}

/** A route under an OpenClaw that cannot use one, and a budget without a route. Reads the file without the schema, so that all mistakes are told in one pass. */
export function checkCredentials(file: unknown): readonly Mistake[] {
  const { openclaw, gateways } = isRecord(file) ? file : {};
  if (!isRecord(gateways)) return [];
  return Object.entries(gateways).flatMap(([name, one]) => [
    ...(isRecord(one) && 'budget' in one && (one['credentials'] ?? DEFAULT) === 'file' ? [uncounted(name)] : []),
    ...(isRecord(one) && one['credentials'] === 'route' && WITHOUT_ROUTES.has(openclaw)
      ? [
          {
            code: 'value' as const,
            path: ['gateways', name, 'credentials'],
            what: `OpenClaw ${String(openclaw)} cannot use a route`,
            cause: 'it asks its own loopback through the proxy, which leads nowhere',
            change: 'take a newer one, or write credentials: file',
          },
        ]
      : []),
  ]);
}

function uncounted(name: string): Mistake {
  return {
    code: 'value',
    path: ['gateways', name, 'budget'],
    atKey: true,
    what: 'nothing counts it',
    cause: 'with credentials: file OpenClaw asks the provider itself, and the gate does not see what for',
    change: 'write credentials: route, or remove budget',
  };
}
