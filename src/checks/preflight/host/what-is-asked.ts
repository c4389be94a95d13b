import type { FactsRequest } from '../../../hosts/host.ts';
import { LABELS } from '../../../runtimes/docker/layout.ts';
import type { Service } from '../../../services/service.ts';
import type { Deployment, HostEntry } from '../../../topology/deployment.ts';
import type { Asked } from './host-check.ts';

/** What a deployment asks of one of its hosts; undefined: nothing runs there. `services`: those of all hosts. Pure. */
export function whatIsAsked(
  deployment: Deployment,
  host: HostEntry,
  known: { readonly services: readonly Service[]; readonly root: string; readonly subnet?: string },
): Asked | undefined {
  const here = [...deployment.gateways, ...deployment.nodes].filter((one) => one.host === host.name);
  const [first] = here;
  if (!first) return undefined;
  const gateways = new Set(deployment.gateways.filter((one) => one.host === host.name).map((one) => one.name));
  const subnet = host.subnet ?? known.subnet;
  return {
    host: host.name,
    kind: here.some((one) => one.runtime === 'docker') ? 'docker' : 'process',
    isLocal: host.connect.kind === 'local',
    deployment: deployment.name,
    openclaw: deployment.openclaw,
    image: deployment.image,
    root: known.root,
    services: known.services.filter((one) => one.host === host.name),
    ...(subnet === undefined ? {} : { subnet }),
    linksHere: deployment.nodes.flatMap((node) => (node.link && gateways.has(node.gateway) ? [{ ...node.link, node: node.name }] : [])),
  };
}

/** The one question that answers all of it. Pure. */
export function requestFor(asked: Asked): FactsRequest {
  const volumes = asked.services.flatMap((one) => (one.volumes ?? []).map(({ path }) => path));
  const label = { own: `${LABELS.deployment}=${asked.deployment}`, name: LABELS.service };
  return {
    docker: asked.kind === 'docker',
    look: {
      paths: [...new Set([HOME, asked.root, ...volumes])],
      accounts: [...new Set(asked.linksHere.map((one) => one.user))],
      ...(asked.kind === 'docker' ? { image: asked.image, label } : {}),
    },
  };
}

/** The home folder of whoever is let in there. */
export const HOME = '~/';
