/** The one gate of a host. */
export const GATE = 'gate';

/** The service (and egress client) name of a gateway. */
export function gatewayService(gateway: string): string {
  return `gateway-${gateway}`;
}

/** The service (and egress client) name of a node. */
export function nodeService(node: string): string {
  return `node-${node}`;
}

/** The secret that holds a gateway's token. */
export function gatewayTokenName(gateway: string): string {
  return `gateway-${gateway}-token`;
}
