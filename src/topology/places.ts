import type { RuntimeKind } from './deployment.ts';
import { connectOf } from './hosts.ts';
import { readLink } from './link.ts';
import type { LooseGateway, LooseNode, LooseView } from './loose-view.ts';
import type { KeyPath, Mistake } from './mistake.ts';

/**
 * How the services of each host are run: as the first of them that says so, else as local processes on this machine
 * and in containers elsewhere.
 */
export function hostRuntimes(file: LooseView): ReadonlyMap<string, RuntimeKind> {
  const written = services(file).flatMap((one) => (isRuntime(one.runtime) ? [{ host: one.host, runtime: one.runtime }] : []));
  return new Map(
    file.hosts.map(({ name, connect }) => {
      const byDefault = connectOf(connect)?.kind === 'local' ? 'process' : 'docker';
      return [name, written.find((one) => one.host === name)?.runtime ?? byDefault];
    }),
  );
}

/** What runs where it cannot, or in a way that its place does not allow. */
export function checkPlaces(file: LooseView): readonly Mistake[] {
  const runtimes = hostRuntimes(file);
  return [
    ...services(file).flatMap((one) => checkService(one, file, runtimes.get(one.host ?? ''))),
    ...file.nodes.flatMap((one) => checkNode(one, file, runtimes.get(one.host ?? ''))),
    ...file.hosts.flatMap(({ name, dir, subnet }) => {
      const isUsed = services(file).some((one) => one.host === name);
      if (!isUsed || runtimes.get(name) !== 'process') return [];
      return [
        ...(dir === undefined ? [] : [dockerOnly(['hosts', name, 'dir'])]),
        ...(subnet === undefined ? [] : [dockerOnly(['hosts', name, 'subnet'])]),
      ];
    }),
  ];
}

type LooseService = (LooseGateway | LooseNode) & { readonly section: 'gateways' | 'nodes' };

function services(file: LooseView): readonly LooseService[] {
  return [
    ...file.gateways.map((one) => ({ ...one, section: 'gateways' as const })),
    ...file.nodes.map((one) => ({ ...one, section: 'nodes' as const })),
  ];
}

function checkService(one: LooseService, file: LooseView, way: RuntimeKind | undefined): readonly Mistake[] {
  const host = file.hosts.find(({ name }) => name === one.host);
  if (!host || way === undefined) return [];
  const at = (key: string): KeyPath => [one.section, one.name, key];
  const mistakes: Mistake[] = [];
  if (isRuntime(one.runtime) && one.runtime !== way) {
    mistakes.push({
      code: 'place',
      path: at('runtime'),
      what: `what else runs on host ${host.name} has runtime: ${way}`,
      cause: 'all services of a host are run in one way, so that they can reach each other',
      change: `write runtime: ${way}, or change the others`,
    });
  } else if (one.runtime === 'process' && connectOf(host.connect)?.kind === 'ssh') {
    mistakes.push({
      code: 'place',
      path: at('runtime'),
      what: `host ${host.name} is not this machine`,
      cause: 'runtime: process is for the machine that lobsterpot runs on; elsewhere nothing of it is installed',
      change: 'write runtime: docker, or remove the key',
    });
  }
  if (one.containment === 'none' && way === 'docker') {
    mistakes.push({
      code: 'place',
      path: at('containment'),
      what: 'a container is always contained',
      cause: 'containment: none is an ordinary process of your user, which runtime: docker never is',
      change: 'remove this key, or write runtime: process on the machine itself',
    });
  }
  return mistakes;
}

function checkNode(node: LooseNode, file: LooseView, way: RuntimeKind | undefined): readonly Mistake[] {
  const path = ['nodes', node.name];
  const volumes: readonly Mistake[] = way === 'process' && node.volumes.length > 0 ? [dockerOnly([...path, 'volumes'])] : [];
  const gateway = file.gateways.find(({ name }) => name === node.gateway);
  const there = file.hosts.find(({ name }) => name === gateway?.host);
  if (way === undefined || node.host === undefined || !gateway || !there) return volumes;
  if (there.name === node.host) {
    return node.link === undefined ? volumes : [...volumes, needlessLink([...path, 'link'], gateway.name, there.name)];
  }
  const here = file.hosts.find(({ name }) => name === node.host);
  if (way === 'process' && connectOf(here?.connect)?.kind !== 'local') return volumes;
  if (way === 'process') return [...volumes, processAway([...path, 'runtime'], gateway.name, there.name)];
  const connect = connectOf(there.connect);
  return connect
    ? [...volumes, ...readLink(node.link, { node: node.host, gateway: there.name, connect }, [...path, 'link']).mistakes]
    : volumes;
}

function needlessLink(path: KeyPath, gateway: string, host: string): Mistake {
  return {
    code: 'link',
    path,
    atKey: true,
    what: 'there is nothing to link',
    cause: `the node and gateway ${gateway} are both on host ${host} and reach each other there`,
    change: 'remove link',
  };
}

function processAway(path: KeyPath, gateway: string, host: string): Mistake {
  return {
    code: 'place',
    path,
    what: `gateway ${gateway} is on another host, ${host}`,
    cause: 'a node reaches another host through a link, which runs in a container beside it',
    change: 'write runtime: docker',
  };
}

function dockerOnly(path: KeyPath): Mistake {
  return {
    code: 'place',
    path,
    atKey: true,
    what: 'only with runtime: docker',
    cause: "local processes keep their files in their user's own folders and have no networks",
    change: 'remove this key, or write runtime: docker for what runs on that host',
  };
}

function isRuntime(written: string | undefined): written is RuntimeKind {
  return written === 'process' || written === 'docker';
}
