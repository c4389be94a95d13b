import { controlUiLink, type ControlUiLink } from '../openclaw/control-ui.ts';
import { withGateway } from '../openclaw/rpc.ts';
import { letIn, turnAway, type WaitingBrowser } from '../openclaw/waiting-browsers.ts';
import { gatewayService } from '../services/names.ts';
import type { GatewayEntry } from '../topology/deployment.ts';
import { gatewayAddress, type Engine } from './engine.ts';

/** A one-time link to a running gateway's Control UI, as a browser on this machine sees it; `turnedAway` browsers waited before. */
export async function linkToControlUi(engine: Engine, gateway: GatewayEntry): Promise<ControlUiLink & { readonly turnedAway: number }> {
  // Inside and not beside: the gateway's own port answers in its own namespaces alone.
  const inside = engine.runtime.inside.bind(engine.runtime);
  const link = await controlUiLink(inside, gatewayService(gateway.name), gateway.port);
  // Last, because a page that is still open asks again within seconds.
  const turnedAway = await withGateway(await gatewayAddress(engine, gateway.name), turnAway);
  return { ...link, turnedAway };
}

/** Lets the one browser in whose page shows this request id. */
export async function letBrowserIn(engine: Engine, gateway: GatewayEntry, requestId: string): Promise<WaitingBrowser> {
  return withGateway(await gatewayAddress(engine, gateway.name), (rpc) => letIn(rpc, requestId));
}
