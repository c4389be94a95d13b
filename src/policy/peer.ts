/** Another agent that a route leads to: where it takes JSON-RPC over TLS. */
export type Peer = { readonly name: string; readonly host: string; readonly port: number; readonly path: string };

/** The first part of the path of the route that leads to a peer. */
export function peerRoute(name: string): string {
  return `a2a-${name}`;
}

/** Does this route lead to a peer? */
export function isPeerRoute(name: string): boolean {
  return name.startsWith('a2a-');
}

/** The name of a peer: one that can stand in a path as it is. */
export const PEER_NAME = /^[a-z][a-z0-9-]{0,30}$/;

/** Is this the name of a peer? */
export function isPeerName(name: string): boolean {
  return PEER_NAME.test(name);
}

const LONGEST_PATH = 512;
// No escape, no query and no dots but between other characters: a path that two programs cannot read in two ways.
const PEER_PATH = /^(?:\/[A-Za-z0-9_~-]+(?:\.[A-Za-z0-9_~-]+)*)+$/;

/** Is this a path that a peer may take its requests at? */
export function isPeerPath(path: string): boolean {
  return path.length <= LONGEST_PATH && PEER_PATH.test(path);
}
