import type { Finding } from '../../core/finding.ts';
import { proveLink } from '../../link/prove-link.ts';
import type { LinkJudgement } from '../../link/judge-link.ts';
import type { CheckInfo } from '../catalogue/check-info.ts';
import { findingOf, unknown } from '../catalogue/judgement.ts';
import type { ProofInput } from '../proof-input.ts';

/** What the proof may do at the far end of a link. */
export type LinkAccess = {
  /** Removes what a probe may have left behind on the gateway's host. */
  clear(path: string): Promise<void>;
};

const common = { severity: 'critical', from: 'inside' } as const;

export const LINK_FORWARD = {
  ...common,
  id: 'link.forward',
  severity: 'medium',
  title: 'the link reaches its gateway',
  tries: "asking the gateway for its health over the link's own key: the control of the others",
  sabotage: "the link's line names another port",
} as const satisfies CheckInfo;

export const LINK_EXEC = {
  ...common,
  id: 'link.exec',
  title: "the link's key runs no command on the gateway's host",
  tries: "ssh with the link's key and a command",
  sabotage: "the link's key may run commands",
} as const satisfies CheckInfo;

export const LINK_ELSEWHERE = {
  ...common,
  id: 'link.elsewhere',
  title: 'the link reaches nothing but the gateway',
  tries: "connections over the link to the ssh port and another port of the gateway's host, and to a public address",
  sabotage: "the link's key may reach everything",
} as const satisfies CheckInfo;

export const LINK_REVERSE = {
  ...common,
  id: 'link.reverse',
  title: "the link's key opens no port on the gateway's host",
  tries: 'ssh -R to a port',
  sabotage: "the link's key may open ports",
} as const satisfies CheckInfo;

export const LINK_HOST_KEY = {
  ...common,
  id: 'link.host-key',
  title: 'the link believes no other host than the pinned one',
  tries: 'a connection that is shown another host key, and one without any known',
  sabotage: 'the link believes every host',
} as const satisfies CheckInfo;

/** The checks of one link; its control goes first. */
export const LINK_CHECKS: readonly CheckInfo[] = [LINK_FORWARD, LINK_EXEC, LINK_ELSEWHERE, LINK_REVERSE, LINK_HOST_KEY];

const CHECK_OF: Readonly<Record<LinkJudgement['id'], CheckInfo>> = {
  forward: LINK_FORWARD,
  exec: LINK_EXEC,
  elsewhere: LINK_ELSEWHERE,
  reverse: LINK_REVERSE,
  // An authorised line has no option for these; only the configuration of the far sshd can refuse them.
  'reverse-socket': LINK_REVERSE,
  'host-key': LINK_HOST_KEY,
};

/** Tries each link of this host from inside its own service, with its own key. */
export async function checkLinks(input: ProofInput): Promise<readonly Finding[]> {
  const links = input.services.filter(({ role }) => role === 'link');
  const all = await Promise.all(
    links.map(async ({ name, command }): Promise<readonly Finding[]> => {
      try {
        const { judgements, leftOver } = await proveLink((argv, options) => input.runtime.inside(name, argv, options), command);
        if (leftOver !== undefined) await input.links.get(name)?.clear(leftOver);
        return judgements.map((one) => linkFinding(name, one));
      } catch (error) {
        const why = unknown(`could not be tried: ${error instanceof Error ? error.message : String(error)}`);
        return LINK_CHECKS.map((check) => findingOf(check, name, why, ''));
      }
    }),
  );
  return all.flat();
}

/** Pure: a probe's judgement as a finding. */
export function linkFinding(service: string, { id, status, message, evidence, fix }: LinkJudgement): Finding {
  const finding = findingOf(CHECK_OF[id], service, { status, message, evidence }, fix ?? 'lobsterpot up');
  return status === 'not-enforced' && fix !== undefined ? { ...finding, fix } : finding;
}
