/**
 * What whoever is denied reads, in the gate's form as far as Squid can say it: it does not tell a page by which rule it denied.
 * `%H` is its own word for the host.
 */
export function denialPage(deployment: string): string {
  const next = 'ask the operator: npx lobsterpot egress explain %H';
  return `${JSON.stringify({ blocked: true, host: '%H', reason: 'denied', policy: deployment, next })}\n`;
}

/** The file that Squid looks for. */
export const DENIAL_PAGE_NAME = 'ERR_ACCESS_DENIED';
