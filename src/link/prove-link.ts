import { randomBytes } from 'node:crypto';

import type { RunResult } from '../hosts/host.ts';
import { judgeLink, type LinkJudgement, type LinkTry } from './judge-link.ts';
import { linkAttempts, reverseSocketPath, type LinkAttempt, type LinkProbeId } from './link-attempts.ts';
import { generateLinkKey } from './link-key.ts';
import { readTunnel } from './tunnel.ts';

/** Runs a program at the near end of the link: on that host, or inside the link's service. */
export type RunNear = (argv: readonly string[], options: { readonly stdin: string; readonly timeoutMs: number }) => Promise<RunResult>;

/** `leftOver`: where on the gateway's host sshd may have made a Unix socket, which it does not remove: remove what is there. */
export type LinkProof = { readonly judgements: readonly LinkJudgement[]; readonly leftOver?: string };

/** The client gives up connecting after ten seconds. */
const LIMIT_MS = 15_000;
const NEGATIVE = ['exec', 'elsewhere', 'reverse', 'reverse-socket', 'host-key'] as const satisfies readonly LinkProbeId[];

/**
 * Tries what the link is for, and everything that its key must not do, as the link itself would:
 * `command` is the one of its service, with the paths that the near end sees.
 * The probes come one after the other: sshd drops connections when many wait to log in.
 */
export async function proveLink(run: RunNear, command: readonly string[]): Promise<LinkProof> {
  const tunnel = readTunnel(command);
  const canary = randomBytes(8).toString('hex');
  const attempts = linkAttempts(tunnel, { canary, strangeKey: generateLinkKey().publicKey });
  const attempt = async ({ name, argv, stdin }: LinkAttempt): Promise<LinkTry> => ({
    name,
    result: await run(argv, { stdin, timeoutMs: LIMIT_MS }),
  });
  const judge = async (id: LinkProbeId, controlWorked: boolean): Promise<LinkJudgement> =>
    judgeLink(id, await Promise.all(attempts[id].map(attempt)), { canary, controlWorked, user: tunnel.user });
  const tried = await judge('forward', false);
  const controlWorked = tried.status === 'pass';
  const judgements = [{ ...tried, control: 'it is the control of the others' }];
  for (const id of NEGATIVE) judgements.push(await judge(id, controlWorked));
  const made = judgements.some(({ id, status }) => id === 'reverse-socket' && status !== 'pass');
  return { judgements, ...(made ? { leftOver: reverseSocketPath(canary) } : {}) };
}
