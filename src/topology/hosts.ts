import { type ReadConnect, readConnect } from './connect.ts';
import type { Connect, HostEntry } from './deployment.ts';
import { faultOfDir } from './host-path.ts';
import type { LooseHost } from './loose-view.ts';
import type { KeyPath, Mistake } from './mistake.ts';
import type { HostInput } from './schema.ts';
import { faultOfSubnet } from './subnet.ts';

/** What is wrong with the hosts themselves, each and among each other. */
export function checkHosts(hosts: readonly LooseHost[]): readonly Mistake[] {
  return [...hosts.flatMap(checkHost), ...oneMachineOnce(hosts)];
}

/** The hosts of a file in which nothing is wrong. */
export function hostEntries(input: Readonly<Record<string, HostInput>>): readonly HostEntry[] {
  return Object.entries(input).map(([name, { connect, dir, subnet }]) => ({
    name,
    connect: connectOf(connect) ?? { kind: 'local' },
    ...(dir === undefined ? {} : { dir }),
    ...(subnet === undefined ? {} : { subnet }),
  }));
}

/** How a host is reached; undefined where that cannot be read. */
export function connectOf(written: string | undefined): Connect | undefined {
  const read = written === undefined ? undefined : readConnect(written);
  return read && isRead(read) ? read : undefined;
}

function checkHost({ name, connect, dir, subnet }: LooseHost): readonly Mistake[] {
  const read = connect === undefined ? undefined : readConnect(connect);
  return [
    ...(read && !isRead(read) ? [refused(['hosts', name, 'connect'], 'not the address of a host', read)] : []),
    ...refusedIf(['hosts', name, 'dir'], 'not a folder for a deployment', dir === undefined ? undefined : faultOfDir(dir)),
    ...refusedIf(['hosts', name, 'subnet'], 'not a network to cut from', subnet === undefined ? undefined : faultOfSubnet(subnet)),
  ];
}

type Fault = { readonly cause: string; readonly change: string };

function refused(path: KeyPath, what: string, fault: Fault): Mistake {
  return { code: 'value', path, what, ...fault };
}

function refusedIf(path: KeyPath, what: string, fault: Fault | undefined): readonly Mistake[] {
  return fault ? [refused(path, what, fault)] : [];
}

function isRead(read: ReadConnect): read is Connect {
  return 'kind' in read;
}

function oneMachineOnce(hosts: readonly LooseHost[]): readonly Mistake[] {
  const first = new Map<string, string>();
  const mistakes: Mistake[] = [];
  for (const { name, connect } of hosts) {
    const read = connectOf(connect);
    if (!read) continue;
    const machine = read.kind === 'local' ? 'local' : `${read.host.toLowerCase()} ${read.port ?? ''}`;
    const other = first.get(machine);
    if (other === undefined) first.set(machine, name);
    else mistakes.push(sameMachine(name, other, read));
  }
  return mistakes;
}

function sameMachine(name: string, other: string, { kind }: Connect): Mistake {
  return {
    code: 'duplicate',
    path: ['hosts', name],
    atKey: true,
    what: `${name} and ${other} are the same machine`,
    cause: `${kind === 'local' ? 'connect: local is the machine that lobsterpot runs on' : 'both have one address'}, and one machine is one host`,
    change: `remove ${name} and write ${other} where it is named`,
  };
}
