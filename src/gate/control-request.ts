import type { GateRequest } from '../policy/gate-protocol.ts';
import { type Invalid, parseJson } from '../policy/policy-file.ts';

/** Reads one line of the control socket. */
export function parseControlRequest(line: string): GateRequest | Invalid {
  const value = parseJson(line);
  if ('invalid' in value) return value;
  const { op, by, change, host, port, client, id, forMs } = value.record;
  switch (op) {
    case 'status':
    case 'ping':
    case 'pending':
    case 'metrics':
      return { op };
    case 'reload':
      return { op, ...(typeof by === 'string' ? { by } : {}), ...(typeof change === 'string' ? { change } : {}) };
    case 'test':
      if (typeof host !== 'string' || typeof port !== 'number' || typeof client !== 'string')
        return { invalid: 'test wants host, port and client' };
      return { op, host, port, client };
    case 'proof':
      if (typeof by !== 'string' || typeof forMs !== 'number' || !(forMs >= 0)) return { invalid: 'proof wants by and forMs' };
      return { op, by, forMs };
    case 'close': {
      if (typeof by !== 'string') return { invalid: 'close wants by' };
      if (id !== undefined && typeof id !== 'number') return { invalid: 'id is no number' };
      if (client !== undefined && typeof client !== 'string') return { invalid: 'client is no name' };
      return { op, by, ...(id === undefined ? {} : { id }), ...(client === undefined ? {} : { client }) };
    }
    default:
      return { invalid: typeof op === 'string' ? `unknown op ${JSON.stringify(op.slice(0, 80))}` : 'op is not a name' };
  }
}
