import type { Verdict } from '../../policy/policy.ts';
import type { About, Attempt } from '../attempt.ts';
import type { Head } from '../http-head.ts';
import { readCredential } from './credential.ts';
import { Exchange } from './exchange.ts';
import { errorAnswer } from './route-answer.ts';
import { readRouteRequest } from './route-request.ts';
import type { Route } from './routes.ts';

/** Serves one request on a route: decides whether it is asked, and hands it to the exchange with the credential. */
export async function serveRoute(attempt: Attempt, head: Head, route: Route): Promise<void> {
  const { gate, client } = attempt;
  const { provider, secretFile } = route.settings;
  const { routeBodyBytes, perRoute } = gate.settings.limits;
  const deny = (status: number, detail: string, verdict: Verdict): void => refuse(attempt, route, { status, detail, verdict });
  const request = readRouteRequest(head, provider, routeBodyBytes);
  if (request.kind === 'refused') return deny(request.status, request.detail, { allowed: false, reason: 'bad-request' });
  const verdict = gate.judge(route.target, client);
  // 400 and not 403: a client that is told 403 takes its key for bad.
  if (!verdict.allowed) return deny(400, `the policy refuses ${route.target.host} (${verdict.reason})`, verdict);
  if (!gate.hasRecordFor(client)) return deny(503, 'more requests than are recorded one by one', { allowed: false, reason: 'limit' });
  if (route.open >= perRoute) return deny(503, `${perRoute} requests are open on this route`, { allowed: false, reason: 'limit' });
  const closed = gate.routes.closedBy(route);
  // 429 and no Retry-After: with anything else a client tries again, or takes its key for bad.
  if (closed !== undefined) return deny(429, closed, { allowed: false, reason: 'limit' });
  const credential = readCredential(secretFile, provider.credential);
  if ('unusable' in credential) return deny(400, credential.unusable, { allowed: false, reason: 'upstream-failed' });
  gate.routes.begin(route);
  try {
    await new Exchange(attempt, route, request).run(credential.key, verdict);
  } finally {
    route.open -= 1;
  }
}

/** Records a refusal and tells it in the provider's shape. */
export function refuse(
  attempt: Attempt,
  route: Route,
  of: { readonly status: number; readonly detail: string; readonly verdict: Verdict; readonly address?: string },
): void {
  const { host, port } = route.target;
  const about: About = { via: 'route', host, port, detail: of.detail, ...(of.address === undefined ? {} : { address: of.address }) };
  attempt.deny(about, of.verdict, errorAnswer(route.settings.provider, of.status, `the gate: ${of.detail}`));
}
