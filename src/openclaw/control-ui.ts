import { z } from 'zod';
import { plainText } from '../core/plain-text.ts';
import { Problem } from '../core/problem.ts';
import { Redacted } from '../core/redacted.ts';
import type { Once } from './enrol.ts';

/** A link that lets one browser into the Control UI, once, within minutes: a bearer credential. */
export type ControlUiLink = { readonly url: Redacted; readonly expiresAtMs: number };

const ANSWER = z.object({ ok: z.literal(true), browserUrl: z.url(), browserBootstrapExpiresAtMs: z.number() });

/**
 * Makes such a link. The gateway approves no browser by itself, so its token alone does not open the Control UI.
 * `inside` has to run the command where the gateway's own port answers: in its namespaces (`Runtime.inside`).
 */
export async function controlUiLink(inside: Once, service: string, publishedPort: number): Promise<ControlUiLink> {
  const result = await inside(service, ['{node}', '{openclaw}', 'dashboard', '--json'], { timeoutMs: 60_000 });
  const answer = ANSWER.safeParse(jsonOf(result.stdout));
  if (result.code === 0 && answer.success) {
    const { browserUrl, browserBootstrapExpiresAtMs } = answer.data;
    return { url: new Redacted(atPort(browserUrl, publishedPort)), expiresAtMs: browserBootstrapExpiresAtMs };
  }
  throw new Problem('openclaw/control-ui', 'the gateway gave no link to its Control UI', {
    cause: plainText(
      result.timedOut ? 'no answer within its time limit' : reasonIn(result.stdout) || result.stderr.trim() || 'it said nothing',
      300,
    ),
    fix: `run: lobsterpot status, then: lobsterpot logs ${service}`,
  });
}

/** The same link as seen from outside: both the page's address and the gateway's in the fragment. */
export function atPort(browserUrl: string, port: number): string {
  const url = new URL(browserUrl);
  const fragment = new URLSearchParams(url.hash.slice(1));
  url.hostname = '127.0.0.1';
  url.port = String(port);
  fragment.set('gatewayUrl', `ws://127.0.0.1:${port}`);
  url.hash = fragment.toString();
  return url.toString();
}

const REFUSAL = z.object({ reason: z.string() });

function reasonIn(stdout: string): string {
  const refusal = REFUSAL.safeParse(jsonOf(stdout));
  return refusal.success ? refusal.data.reason : '';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
