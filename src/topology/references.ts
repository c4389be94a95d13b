import type { KeyPath, Mistake } from './mistake.ts';
import { nearest } from './nearest.ts';
import type { LooseView } from './loose-view.ts';

/** Names that stand for something else in commands and findings: `logs gate` is the gate's log. */
const RESERVED = ['deployment', 'gate', 'gateway', 'ingress', 'link', 'node'];

/** Everything that names something else in the file, and every name that must be the only one of its kind. */
export function checkReferences(file: LooseView): readonly Mistake[] {
  const names = {
    hosts: file.hosts.map((one) => one.name),
    gateways: file.gateways.map((one) => one.name),
    nodes: file.nodes.map((one) => one.name),
  };
  return [
    ...file.empty.map(namesNothing),
    ...file.gateways.flatMap((one) => known(['gateways', one.name, 'host'], one.host, 'host', names.hosts)),
    ...file.nodes.flatMap((one) => [
      ...known(['nodes', one.name, 'host'], one.host, 'host', names.hosts),
      ...known(['nodes', one.name, 'gateway'], one.gateway, 'gateway', names.gateways),
    ]),
    ...reserved('gateways', names.gateways),
    ...reserved('nodes', names.nodes),
    ...names.nodes.filter((name) => names.gateways.includes(name)).map((name) => twice(name)),
  ];
}

function namesNothing(section: 'hosts' | 'gateways'): Mistake {
  const example = section === 'hosts' ? 'this-machine: { connect: local }' : 'main: { host: this-machine }';
  return {
    code: 'missing',
    path: [section],
    atKey: true,
    what: 'names nothing',
    cause: `a deployment has at least one of its ${section}`,
    change: `add ${example} to ${section}`,
  };
}

function known(path: KeyPath, name: string | undefined, kind: 'host' | 'gateway', all: readonly string[]): readonly Mistake[] {
  if (name === undefined || all.includes(name)) return [];
  const near = nearest(name, all);
  return [
    {
      code: 'reference',
      path,
      what: `there is no ${kind} ${name}${near === undefined ? '' : `, did you mean ${near}?`}`,
      cause: all.length === 0 ? `the file has no ${kind}s` : `the file has: ${all.join(', ')}`,
      change: near === undefined ? `add ${name} to ${kind}s or name one that is there` : `write ${near} instead`,
    },
  ];
}

function reserved(section: 'gateways' | 'nodes', names: readonly string[]): readonly Mistake[] {
  return names
    .filter((name) => RESERVED.includes(name))
    .map((name) => ({
      code: 'value',
      path: [section, name],
      atKey: true,
      what: `the name ${name} is taken`,
      cause: 'commands and findings call a part of lobsterpot itself so',
      change: 'give it another name',
    }));
}

function twice(name: string): Mistake {
  return {
    code: 'duplicate',
    path: ['nodes', name],
    atKey: true,
    what: `${name} is a gateway too`,
    cause: 'commands and rules name gateways and nodes alike, so each name may stand for one of them',
    change: 'give the node another name',
  };
}
