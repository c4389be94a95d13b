import type { Artifact } from '../runtimes/runtime.ts';
import { compile } from '../services/compile.ts';
import { gatewayTokenName, gatewayService, nodeService } from '../services/names.ts';
import type { Service } from '../services/service.ts';
import type { Deployment } from '../topology/deployment.ts';
import type { Desired } from './diff.ts';
import type { Records } from './records.ts';
import type { Site } from './site.ts';

/** What the file alone does not say. */
export type Known = {
  readonly gateBundle: string;
  readonly presentSecrets: ReadonlySet<string>;
  readonly records: Records;
};

/** The Services of a deployment, given what is known. Pure. */
export function servicesOf(deployment: Deployment, known: Known): readonly Service[] {
  return compile(deployment, {
    gateBundle: known.gateBundle,
    presentSecrets: known.presentSecrets,
    deviceIds: new Map(Object.entries(known.records.nodes).map(([name, node]) => [name, node.deviceId])),
  });
}

/** Everything that should be true. Pure: a site only renders. */
export function desiredOf(
  deployment: Deployment,
  known: Known,
  sites: ReadonlyMap<string, Pick<Site, 'base'> & { readonly runtime: Pick<Site['runtime'], 'render'> }>,
): Desired {
  const services = servicesOf(deployment, known);
  const used = [...sites].filter(([host]) => services.some((one) => one.host === host));
  const artifacts = used.flatMap(([host, site]) => site.runtime.render(services.filter((one) => one.host === host)));
  return {
    bases: used.map(([host, { base }]) => ({ host, kind: base.kind, name: base.name })),
    services,
    artifacts,
    placedSecrets: services.flatMap((service) =>
      service.secrets.map((secret) => ({
        secret: secret.name,
        host: service.host,
        service: service.name,
        path: `services/${service.name}/secrets/${secret.file}`,
        owner: ownerOf(service, artifacts),
      })),
    ),
    generatedSecrets: deployment.gateways.map((gateway) => ({ host: gateway.host, secret: gatewayTokenName(gateway.name) })),
    nodes: deployment.nodes.map((node) => ({
      name: node.name,
      gateway: gatewayService(node.gateway),
      host: node.host,
      service: nodeService(node.name),
    })),
    links: [],
  };
}

/** A service's identity is the owner of its state folder. */
function ownerOf(service: Service, artifacts: readonly Artifact[]): Artifact['owner'] {
  const path = `services/${service.name}/state`;
  const state = artifacts.find((one) => one.kind === 'folder' && one.host === service.host && one.path === path);
  if (!state) throw new TypeError(`no state folder was rendered for ${service.name}`);
  return state.owner;
}
