import { isRecord } from '../../core/json.ts';
import { isPeerName, isPeerPath, type Peer } from '../../policy/peer.ts';
import { type Invalid, unknownKey } from '../../policy/policy-file.ts';
import { normaliseTarget } from '../../policy/target.ts';

/** Reads the peer of a route of gate.json. */
export function parsePeer(value: unknown): Peer | Invalid {
  if (!isRecord(value)) return { invalid: 'peer is not an object' };
  const unknown = unknownKey(value, ['name', 'host', 'port', 'path']);
  if (unknown !== undefined) return { invalid: `peer: unknown key ${JSON.stringify(unknown)}` };
  const { name, host, port, path } = value;
  if (typeof name !== 'string' || !isPeerName(name)) return { invalid: 'peer.name is no name' };
  const target = typeof host === 'string' && typeof port === 'number' ? normaliseTarget(host, port) : undefined;
  // An address has no certificate that could be checked for it.
  if (!target || 'refused' in target || target.kind !== 'name' || target.host !== host)
    return { invalid: 'peer.host and peer.port are no name of a host and a port' };
  if (typeof path !== 'string' || !isPeerPath(path)) return { invalid: 'peer.path is no plain path' };
  return { name, host: target.host, port: target.port, path };
}
