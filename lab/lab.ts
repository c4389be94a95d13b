import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PLAIN_PATH } from '../src/hosts/run.ts';
import { DSM_PATH } from './inside/host-files.ts';
import { internetOf, type Internet } from './internet-client.ts';
import { type HostMachine, OPERATOR } from './machines.ts';
import type { NasOddities } from './oddities.ts';
import { placeOf, type Place } from './place.ts';
import { childOf, outerPid } from './process-mark.ts';
import { settings, standing } from './settings.ts';
import { USERS } from './users.ts';

const PROGRAM = join(import.meta.dirname, '../bin/lobsterpot.mjs');

/** A running lab. */
export type Lab = {
  readonly id: string;
  readonly folder: string;
  readonly mac: Place & { readonly lobsterpot: readonly string[] };
  readonly nas: Place;
  /** Every host: the two above, and what more this lab was asked for. */
  readonly hosts: readonly (Place & Pick<HostMachine, 'kind'>)[];
  /**
   * Where lobsterpot runs when it runs on no host: root with a home of its own and a key for all of them.
   * `lobsterpot` is how this clone's command line is run there (and on the mac, whose user has no other way to it).
   */
  readonly operator: Place & { readonly home: string; readonly lobsterpot: readonly string[] };
  /** What is odd about this lab's NAS. */
  readonly odd: NasOddities;
  /** Every machine that can be entered. */
  readonly places: readonly Place[];
  /** The machine of that name; there must be one. */
  on(name: string): Place;
  readonly internet: Internet;
};

/** The lab in `folder` whose first process is the child of `first`. */
export function labAt(folder: string, id: string, first: number): Lab {
  const stands = standing.parse(JSON.parse(readFileSync(join(folder, 'standing.json'), 'utf8')));
  const { nas: odd, hosts: made } = settings.parse(JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8')));
  const init = childOf(first);
  const outer = (name: string): number => {
    const inner = stands[name];
    const pid = init === undefined || inner === undefined ? undefined : outerPid(init, inner);
    if (pid === undefined) throw new Error(`the lab ${id} has lost ${name}`);
    return pid;
  };
  const home = join(folder, 'operator');
  const user = { name: 'root', uid: 0, gid: 0, home, shell: '/bin/bash' };
  const hosts = made.map(({ name, kind, address }) => ({
    ...placeOf(name, address, outer(name), USERS[kind], kind === 'nas' ? DSM_PATH : PLAIN_PATH),
    kind,
  }));
  const operator = {
    ...placeOf(OPERATOR.name, OPERATOR.address, outer(OPERATOR.name), user),
    home,
    lobsterpot: [process.execPath, PROGRAM],
  };
  const places = [...hosts, operator];
  const on = (name: string): Place => {
    const place = places.find((one) => one.name === name);
    if (!place) throw new TypeError(`the lab ${id} has no ${name}: ${places.map((one) => one.name).join(', ')}`);
    return place;
  };
  const mac = { ...on('mac'), lobsterpot: ['/opt/node/node', '/opt/lobsterpot/bin/lobsterpot.mjs'] };
  return { id, folder, mac, nas: on('nas'), hosts, operator, places, odd, on, internet: internetOf(folder) };
}
