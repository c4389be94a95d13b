import { type Peer, peerRoute } from '../../../policy/peer.ts';
import { FIELD_KEY, type Endpoint, type Provider } from '../provider.ts';

// Where the requests of A2A 1.0 over JSON-RPC usually go; what stands before it is the peer's own place on its host.
const USUAL_PATH = '/a2a/v1';
const CARD = '/.well-known/agent-card.json';

/** Another agent, spoken to in A2A: one address for every request, and its public card. Unlike the others it stands in the deployment's file. */
export function a2aProvider({ name, host, port, path }: Peer): Provider {
  const place = path.endsWith(USUAL_PATH) ? path.slice(0, -USUAL_PATH.length) : '';
  return {
    name: peerRoute(name),
    host,
    port,
    credential: { in: 'header', name: 'authorization', prefix: 'Bearer ', shape: FIELD_KEY },
    endpoints: [endpoint('json-rpc', 'POST', path), endpoint('agent card', 'GET', `${place}${CARD}`)],
    fields: ['a2a-version'],
    usage: 'requests',
    errorBody: (_status, message) => ({ jsonrpc: '2.0', id: null, error: { code: -32_000, message } }),
  };
}

function endpoint(name: string, method: Endpoint['method'], path: string): Endpoint {
  // Of what may stand in such a path (isPeerPath) the dot alone means more in a pattern.
  return { name, method, path: new RegExp(`^${path.replaceAll('.', String.raw`\.`)}$`) };
}
