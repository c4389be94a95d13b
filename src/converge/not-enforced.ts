import type { Finding } from '../core/finding.ts';
import type { Engine } from './engine.ts';

/** What the hosts of a deployment cannot enforce; with more than one of them, each is named. */
export async function notEnforcedOn(engine: Engine): Promise<readonly Finding[]> {
  const sites = [...(await engine.reach()).sites.values()];
  const all = await Promise.all(
    sites.map(async (site) =>
      (await site.runtime.notEnforced()).map((finding) =>
        sites.length === 1 || finding.subject === site.name ? finding : { ...finding, subject: `${finding.subject} on ${site.name}` },
      ),
    ),
  );
  return all.flat();
}
