import { composeCommand, dockerCommand, dockerEnvironment } from '../hosts/docker-command.ts';
import { dockerFromEngine, type DockerFacts } from '../hosts/docker-facts.ts';
import type { DoorFacts, EngineDoor } from '../hosts/engine-door.ts';
import type { Host } from '../hosts/host.ts';
import type { KeysLook, KeysRequest } from '../hosts/keys-look.ts';
import { engineApi } from '../runtimes/docker/engine-api.ts';
import type { DockerEngine } from '../runtimes/docker/engine.ts';

type Ready = Extract<DockerFacts, { kind: 'ready' }>;

/** A host's engine, and what was learned of both. */
export type OpenedEngine = {
  readonly facts: DoorFacts;
  readonly docker: Ready;
  readonly engine: DockerEngine;
  /** Where it was told in the same breath. */
  readonly keys?: KeysLook;
};

/** What is wanted of a host in the one round trip that opens it. */
export type Wanted = { readonly keys?: KeysRequest };

/** Opens the engine of a host. `wasThere`: the deployment's containers were put on it before, so that one round trip can read all of them. */
export async function openEngine(name: string, machine: Host, wasThere: boolean, wanted: Wanted): Promise<OpenedEngine> {
  return (wasThere ? await byDoor(name, machine, wanted) : undefined) ?? (await byFacts(name, machine));
}

async function byDoor(name: string, machine: Host, { keys }: Wanted): Promise<OpenedEngine | undefined> {
  const door = await machine.engineDoor?.(keys ? { keys } : {});
  if (!door) return undefined;
  const api = engineApi(door.engine);
  // Why the engine gives no usable answer is told by the facts.
  const docker = await dockerOf(door, api).catch(() => undefined);
  if (!docker) {
    await api.close();
    return undefined;
  }
  const facts = { ...door.facts, docker };
  const engine = {
    host: machine,
    docker: dockerCommand(name, facts),
    // Only what changes something calls compose.
    compose: async () => composeCommand(name, await machine.facts({ docker: true })),
    env: dockerEnvironment(facts),
    quick: { api },
  };
  return { facts, docker, engine, ...(door.keys ? { keys: door.keys } : {}) };
}

async function dockerOf({ docker }: EngineDoor, api: ReturnType<typeof engineApi>): Promise<Ready | undefined> {
  const [info, networks] = await Promise.all([api.ask('GET', '/info'), api.json('/networks')]);
  if (info.status !== 200) return undefined;
  // `/version` would have the engine start programs that tell their own versions.
  const apiVersion = info.headers.get('api-version');
  return dockerFromEngine(docker, { apiVersion, info: JSON.parse(info.body.toString('utf8')), networks });
}

async function byFacts(name: string, machine: Host): Promise<OpenedEngine> {
  const facts = await machine.facts({ docker: true });
  const { docker } = facts;
  const engine = {
    host: machine,
    docker: dockerCommand(name, facts),
    compose: composeCommand(name, facts),
    env: dockerEnvironment(facts),
  };
  if (docker?.kind !== 'ready') throw new TypeError('dockerCommand lets no other pass');
  return { facts, docker, engine };
}
