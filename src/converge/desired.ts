import type { Artifact } from '../runtimes/runtime.ts';
import { compile } from '../services/compile.ts';
import { gatewayService, gatewayTokenName, linkKeyName, nodeService } from '../services/names.ts';
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
  /** Host name -> the public keys of its ssh server, where links lead to it. */
  readonly hostKeys: ReadonlyMap<string, readonly string[]>;
};

/** The Services of a deployment, given what is known. Pure. */
export function servicesOf(deployment: Deployment, known: Known): readonly Service[] {
  return compile(deployment, {
    gateBundle: known.gateBundle,
    presentSecrets: known.presentSecrets,
    deviceIds: new Map(Object.entries(known.records.nodes).map(([name, node]) => [name, node.deviceId])),
    linkHostKeys: known.hostKeys,
  });
}

/** Everything that should be true. Pure: a site only renders. */
export function desiredOf(
  deployment: Deployment,
  known: Known,
  sites: ReadonlyMap<string, Pick<Site, 'name' | 'base'> & { readonly runtime: Pick<Site['runtime'], 'render'> }>,
): Desired {
  const services = servicesOf(deployment, known);
  const used = [...sites].filter(([host]) => services.some((one) => one.host === host));
  const artifacts = used.flatMap(([, site]) => renderedOn(site, services));
  return {
    bases: used.map(([host, { base }]) => {
      const before = known.records.hosts[host]?.image?.asked;
      return { host, kind: base.kind, name: base.name, ...(before === undefined || before === base.name ? {} : { before }) };
    }),
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
    generatedSecrets: [
      ...deployment.gateways.map((gateway) => ({ host: gateway.host, secret: gatewayTokenName(gateway.name), form: 'token' as const })),
      ...deployment.nodes.flatMap((node) =>
        node.link ? [{ host: node.host, secret: linkKeyName(node.name), form: 'link-key' as const }] : [],
      ),
    ],
    nodes: deployment.nodes.map((node) => ({
      name: node.name,
      gateway: gatewayService(node.gateway),
      host: node.host,
      service: nodeService(node.name),
    })),
    links: deployment.nodes.flatMap((node) => {
      const gateway = deployment.gateways.find((one) => one.name === node.gateway);
      return node.link && gateway ? [{ host: gateway.host, node: node.name }] : [];
    }),
  };
}

/** What one site would be given of these services. Its runtime then knows what a container that runs was made from, if it is as the file says. */
export function renderedOn(
  site: Pick<Site, 'name'> & { readonly runtime: Pick<Site['runtime'], 'render'> },
  services: readonly Service[],
): readonly Artifact[] {
  const here = services.filter((one) => one.host === site.name);
  return here.length === 0 ? [] : site.runtime.render(here);
}

/** A service's identity is the owner of its state folder. */
function ownerOf(service: Service, artifacts: readonly Artifact[]): Artifact['owner'] {
  const path = `services/${service.name}/state`;
  const state = artifacts.find((one) => one.kind === 'folder' && one.host === service.host && one.path === path);
  if (!state) throw new TypeError(`no state folder was rendered for ${service.name}`);
  return state.owner;
}
