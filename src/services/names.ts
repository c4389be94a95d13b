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

/** The service that publishes the port of a gateway in a container. */
export function ingressService(gateway: string): string {
  return `ingress-${gateway}`;
}

/** The service that joins a node to a gateway on another host. */
export function linkService(node: string): string {
  return `link-${node}`;
}

/** The secret that holds the private key of a node's link. */
export function linkKeyName(node: string): string {
  return `link-${node}-key`;
}
