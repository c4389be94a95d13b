import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HostMachine, OPERATOR } from '../machines.ts';
import { settings, type Settings, type Standing } from '../settings.ts';
import { startHolder } from './act.ts';
import { startEngine, startSshd } from './engine.ts';
import { makeHost } from './host.ts';
import { startInternet } from './internet.ts';
import { makeNetwork } from './network.ts';
import { makeOperator, makeOperatorHome } from './operator.ts';

// The program that makes a lab and is its internet. Started by init.sh in namespaces of its own; everything ends with it.
const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: keeper.ts FOLDER');
const given = settings.parse(JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8')));

/** Written whole or not at all: whoever waits for the file must not read half of it. */
const tell = (name: string, value: unknown): void => {
  writeFileSync(join(folder, `${name}.part`), JSON.stringify(value));
  renameSync(join(folder, `${name}.part`), join(folder, name));
};

try {
  tell('standing.json', await bringUp(folder, given));
} catch (error) {
  tell('failed.json', error instanceof Error ? error.message : String(error));
  process.exit(1);
}

async function bringUp(at: string, how: Settings): Promise<Standing> {
  const [file] = await Promise.all([makeNetwork(at, [...how.hosts, OPERATOR]), makeOperatorHome(at)]);
  await startInternet(at);
  const hosts = await Promise.all(how.hosts.map(async (host) => ({ host, holder: await makeHost(host, at, file(host.name), how) })));
  const operator = await makeOperator(at, file(OPERATOR.name), hosts);
  await Promise.all(
    hosts.flatMap(({ host, holder }) => [
      startSshd(host, holder, at),
      startEngine(host, holder, at, how),
      startCanary(host, file(host.name), at, how),
    ]),
  );
  return Object.fromEntries([...hosts.map(({ host, holder }) => [host.name, holder]), [OPERATOR.name, operator]]);
}

async function startCanary({ name }: HostMachine, network: string, at: string, how: Settings): Promise<void> {
  const ports = how.canaries[name] ?? [];
  if (ports.length === 0) return;
  const program = join(import.meta.dirname, 'canary.ts');
  await startHolder(['nsenter', `--net=${network}`, how.node, program, at, name, ...ports.map(String)]);
}
