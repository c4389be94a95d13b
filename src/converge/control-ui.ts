import { controlUiLink, type ControlUiLink } from '../openclaw/control-ui.ts';
import { letIn, turnAway, type WaitingBrowser } from '../openclaw/waiting-browsers.ts';
import { gatewayService } from '../services/names.ts';
import type { GatewayEntry } from '../topology/deployment.ts';
import { siteOf, type Engine } from './engine.ts';
import { atGateway } from './gateway-door.ts';

/** A one-time link to a running gateway's Control UI, as a browser on this machine sees it; `turnedAway` browsers waited before. */
export async function linkToControlUi(engine: Engine, gateway: GatewayEntry): Promise<ControlUiLink & { readonly turnedAway: number }> {
  // Inside and not beside: the gateway's own port answers in its own namespaces alone.
  const { runtime } = await siteOf(engine, gateway);
  const link = await controlUiLink(runtime.inside.bind(runtime), gatewayService(gateway.name), gateway.port);
  // Last, because a page that is still open asks again within seconds.
  const turnedAway = await atGateway(engine, gateway.name, turnAway);
  return { ...link, turnedAway };
}

/** Lets the one browser in whose page shows this request id. */
export async function letBrowserIn(engine: Engine, gateway: GatewayEntry, requestId: string): Promise<WaitingBrowser> {
  return atGateway(engine, gateway.name, (rpc) => letIn(rpc, requestId));
}
