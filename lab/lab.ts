import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DSM_PATH } from './inside/host-files.ts';
import { internetOf, type Internet } from './internet-client.ts';
import { ADDRESS, type PlaceName } from './net.ts';
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
  /**
   * Where lobsterpot runs when it runs on neither host: root with a home of its own and a key for both.
   * `lobsterpot` is how this clone's command line is run there (and on the mac, whose user has no other way to it).
   */
  readonly operator: Place & { readonly home: string; readonly lobsterpot: readonly string[] };
  /** What is odd about this lab's NAS. */
  readonly odd: NasOddities;
  on(name: PlaceName): Place;
  readonly internet: Internet;
};

/** The lab in `folder` whose first process is the child of `first`. */
export function labAt(folder: string, id: string, first: number): Lab {
  const stands = standing.parse(JSON.parse(readFileSync(join(folder, 'standing.json'), 'utf8')));
  const { nas: odd } = settings.parse(JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8')));
  const init = childOf(first);
  const outer = (name: PlaceName): number => {
    const pid = init === undefined ? undefined : outerPid(init, stands[name]);
    if (pid === undefined) throw new Error(`the lab ${id} has lost ${name}`);
    return pid;
  };
  const home = join(folder, 'operator');
  const user = { name: 'root', uid: 0, gid: 0, home, shell: '/bin/bash' };
  const mac = {
    ...placeOf('mac', ADDRESS.mac, outer('mac'), USERS.mac),
    lobsterpot: ['/opt/node/node', '/opt/lobsterpot/bin/lobsterpot.mjs'],
  };
  const nas = placeOf('nas', ADDRESS.nas, outer('nas'), USERS.nas, DSM_PATH);
  const operator = { ...placeOf('operator', ADDRESS.operator, outer('operator'), user), home, lobsterpot: [process.execPath, PROGRAM] };
  const places = { mac, nas, operator };
  return { id, folder, ...places, odd, on: (name) => places[name], internet: internetOf(folder) };
}
