import type { Artifact, Runtime } from '../runtimes/runtime.ts';
import { compile } from '../services/compile.ts';
import { gatewayTokenName, gatewayService, nodeService } from '../services/names.ts';
import type { Service } from '../services/service.ts';
import type { Deployment } from '../topology/deployment.ts';
import type { Desired } from './diff.ts';
import type { Records } from './records.ts';

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

/** Everything that should be true. Pure. */
export function desiredOf(deployment: Deployment, known: Known, runtime: Pick<Runtime, 'render'>): Desired {
  const services = servicesOf(deployment, known);
  const artifacts = runtime.render(services);
  return {
    openclaw: deployment.openclaw,
    services,
    artifacts,
    placedSecrets: services.flatMap((service) =>
      service.secrets.map((secret) => ({
        secret: secret.name,
        service: service.name,
        path: `services/${service.name}/secrets/${secret.file}`,
        owner: ownerOf(service.name, artifacts),
      })),
    ),
    generatedSecrets: deployment.gateways.map((gateway) => gatewayTokenName(gateway.name)),
    nodes: deployment.nodes.map((node) => ({
      name: node.name,
      gateway: gatewayService(node.gateway),
      host: node.host,
      service: nodeService(node.name),
    })),
  };
}

/** A service's identity is the owner of its state folder. */
function ownerOf(service: string, artifacts: readonly Artifact[]): Artifact['owner'] {
  const state = artifacts.find((one) => one.kind === 'folder' && one.path === `services/${service}/state`);
  if (!state) throw new TypeError(`no state folder was rendered for ${service}`);
  return state.owner;
}
