import type { Finding } from '../../../core/finding.ts';
import { formatDuration } from '../../../core/duration.ts';
import { Problem } from '../../../core/problem.ts';
import type { Host, HostFacts } from '../../../hosts/host.ts';
import type { Look } from '../../../hosts/look.ts';
import { HOST_CHECKS, REACHABLE } from './all-host-checks.ts';
import { findingFor, fine, judgeHost, wrong, type Asked } from './host-check.ts';
import { requestFor } from './what-is-asked.ts';

/** Can this host run what is asked of it? One round trip; changes nothing. A host that does not answer is a finding. */
export async function examineHost(machine: Pick<Host, 'facts'>, asked: Asked): Promise<readonly Finding[]> {
  const begin = performance.now();
  let facts: HostFacts;
  try {
    facts = await machine.facts(requestFor(asked));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return [unanswered(asked.host, error)];
  }
  const took = formatDuration(performance.now() - begin);
  return [
    findingFor(REACHABLE, asked.host, fine(asked.isLocal ? 'it is this machine' : `read in ${took}`)),
    ...judgeHost(HOST_CHECKS, { asked, facts, look: facts.look ?? NOTHING }),
  ];
}

/** The finding of a host that could not be asked. Pure. */
export function unanswered(host: string, { message, why, fix }: Problem): Finding {
  return findingFor(REACHABLE, host, wrong(`${message}: ${why}`, fix.replaceAll('lobsterpot up', 'lobsterpot doctor')));
}

/** A look that saw nothing: every check that needs it says so. */
export const NOTHING: Look = {
  paths: new Map(),
  addresses: [],
  users: new Map(),
  groups: [],
  accounts: new Map(),
  running: new Set(),
};
