import { plainText } from '../core/plain-text.ts';
import { Problem } from '../core/problem.ts';
import type { GatewayRpc } from './rpc.ts';
import type { Device } from './rpc-answers.ts';

/** A browser that gave the gateway's token and waits; its page shows the request's id. */
export type WaitingBrowser = {
  readonly requestId: string;
  readonly deviceId: string;
  /** Its own claim, untrusted. */
  readonly platform?: string;
};

/** Who waits to become an operator and nothing else: a node that asks is never among them. */
export function browsersIn(pending: readonly Device[]): readonly WaitingBrowser[] {
  return pending.flatMap(({ requestId, deviceId, platform, role, roles }) => {
    const asked = new Set([...(roles ?? []), ...(role === undefined ? [] : [role])]);
    if (requestId === undefined || asked.size !== 1 || !asked.has('operator')) return [];
    return [{ requestId, deviceId, ...(platform === undefined ? {} : { platform }) }];
  });
}

/** Lets exactly the browser in whose page shows this id. Throws a Problem when no browser waits under it. */
export async function letIn(rpc: GatewayRpc, requestId: string): Promise<WaitingBrowser> {
  const waiting = browsersIn((await rpc.devices()).pending);
  const browser = waiting.find((one) => one.requestId === requestId);
  if (!browser) {
    throw new Problem('openclaw/no-waiting-browser', `no browser waits under the id ${plainText(requestId, 80)}`, {
      cause: waiting.length === 0 ? 'none waits at all; a request ends after some minutes' : 'a browser asks under a new id after a while',
      fix: 'type the id that the page shows now, or print a link instead: lobsterpot ui',
    });
  }
  await rpc.approveDevice(requestId);
  return browser;
}

/**
 * Turns away every browser that waits, and gives how many. A browser that has asked already is not let in by a link
 * (the gateway keeps its first request, which wants a person's approval); once turned away, it is.
 */
export async function turnAway(rpc: GatewayRpc): Promise<number> {
  const waiting = browsersIn((await rpc.devices()).pending);
  for (const { requestId } of waiting) await rpc.rejectDevice(requestId);
  return waiting.length;
}
