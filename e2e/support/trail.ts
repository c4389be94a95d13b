import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from './stage.ts';

const decision = z.object({
  kind: z.literal('decision'),
  client: z.string(),
  verdict: z.enum(['allow', 'deny']),
  reason: z.string(),
  host: z.string(),
  port: z.number(),
});

/** The gate's decisions, oldest first, read from the files themselves. */
export function decisionsIn(root: string): readonly z.infer<typeof decision>[] {
  const folder = join(root, 'services/gate/state/trail');
  return readdirSync(folder)
    .toSorted()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .flatMap((line) => {
      const parsed = decision.safeParse(parseJson(line));
      return parsed.success ? [parsed.data] : [];
    });
}
