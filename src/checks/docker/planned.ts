import { isRecord } from '../../core/json.ts';
import { LAYOUT } from '../../runtimes/docker/layout.ts';
import { parseSpec, type Spec } from '../../runtimes/docker/spec.ts';
import { addressIn, parseNetwork, SLICE_PREFIX } from '../../runtimes/docker/subnet.ts';
import type { Artifact } from '../../runtimes/runtime.ts';
import type { Surroundings } from '../probes/subject.ts';

/** The containers as they are planned, by service. */
export type PlannedContainers = ReadonlyMap<string, Spec>;

/** Reads them from what the runtime renders. */
export function plannedContainers(artifacts: readonly Artifact[]): PlannedContainers {
  const specs = artifacts.flatMap((one) =>
    one.kind === 'file' && one.path === LAYOUT.spec(one.service) ? [parseSpec(one.content, one.service)] : [],
  );
  return new Map(specs.map((spec) => [spec.service, spec]));
}

/** A network of the deployment as it follows from who is planned to be in it. */
export type NetworkPlan = {
  readonly key: string;
  readonly internal: boolean;
  readonly subnet: string;
  /** The first address, which the engine keeps for the bridge. */
  readonly bridge: string;
  readonly members: readonly { readonly service: string; readonly address: string; readonly beside: string }[];
};

/** All networks of the planned containers, sorted by key. */
export function plannedNetworks(planned: PlannedContainers): readonly NetworkPlan[] {
  const keys = new Set([...planned.values()].flatMap(({ container }) => container.networks.map(({ key }) => key)));
  return [...keys].toSorted().map((key) => {
    const members = [...planned].flatMap(([service, { container }]) =>
      container.networks.filter((one) => one.key === key).map(({ address, beside }) => ({ service, address, beside })),
    );
    const { subnet, bridge } = sliceOf(members[0]?.address ?? '');
    return { key, internal: !key.endsWith('.outside'), subnet, bridge, members };
  });
}

/** Whom a service may reach in these networks, and whom it must not. */
export function surroundingsOf(service: string, planned: PlannedContainers): Surroundings {
  const networks = plannedNetworks(planned);
  const own = networks.filter(({ members }) => members.some((one) => one.service === service));
  const others = networks.filter((one) => !own.includes(one));
  const ways = own.filter(({ internal }) => !internal).map(({ bridge }) => bridge);
  const listened = [...planned.values()].flatMap(({ launch }) => launch.listeners.flatMap(({ at }) => (Array.isArray(at) ? at : [at])));
  return {
    peers: [
      // Its own `beside` too: a command that runs beside it has that one.
      ...own.flatMap(({ members }) =>
        members.flatMap(({ service: of, address, beside }) => (of === service ? [beside] : [address, beside])),
      ),
      ...ways,
    ],
    strangers: others.flatMap(({ members }) => members.map(({ address }) => address)),
    bridges: networks.map(({ bridge }) => bridge).filter((one) => !ways.includes(one)),
    ports: [...new Set(listened.flatMap((at: unknown) => (isRecord(at) && typeof at['port'] === 'number' ? [at['port']] : [])))].toSorted(
      (a, b) => a - b,
    ),
  };
}

function sliceOf(address: string): { readonly subnet: string; readonly bridge: string } {
  const size = 2 ** (32 - SLICE_PREFIX);
  const last = Number(address.slice(address.lastIndexOf('.') + 1));
  const subnet = `${address.slice(0, address.lastIndexOf('.'))}.${last - (last % size)}/${SLICE_PREFIX}`;
  const network = parseNetwork(subnet);
  if (!network) throw new TypeError(`${address} is in no network of a deployment`);
  return { subnet, bridge: addressIn(network, 1) };
}
