import { isRecord } from '../core/json.ts';
import { plainText } from '../core/plain-text.ts';
import { Problem } from '../core/problem.ts';
import { withGateway, type GatewayAddress } from './rpc.ts';

/** What the other end makes of a credential: it takes it, refuses it for what it is, or neither can be told. */
export type Standing = { readonly state: 'taken' } | { readonly state: 'refused' | 'unclear'; readonly reason: string };

/** Connects to a gateway with a token, asks for its health, and tells what came of it. */
export async function tryToken(address: GatewayAddress): Promise<Standing> {
  try {
    await withGateway(address, (rpc) => rpc.health());
    return { state: 'taken' };
  } catch (error) {
    if (error instanceof Problem) return standingOf(error);
    throw error;
  }
}

/** Only the gateway's own word that the token is another one is a refusal: anything else may be a gateway that is away. Pure. */
export function standingOf(problem: Problem): Standing {
  const details = isRecord(problem.cause) ? problem.cause['details'] : undefined;
  const code = isRecord(details) ? details['code'] : undefined;
  return { state: code === 'AUTH_TOKEN_MISMATCH' ? 'refused' : 'unclear', reason: plainText(problem.why, 300) };
}
