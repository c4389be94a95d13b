import { join } from 'node:path';
import type { Duplex } from 'node:stream';

import { Problem } from '../../core/problem.ts';
import type { Place, Runtime, ServiceState } from '../runtime.ts';
import { observeContainers } from './containers.ts';
import { dockerFiles, type DockerFiles } from './docker-files.ts';
import { ASK_MS, callDocker, dockerProblem, mustCompose, mustDocker, type DockerEngine } from './engine.ts';
import { fileInside } from './file-inside.ts';
import { expandInImage, IMAGE_NODE } from './image-paths.ts';
import { connectTarget } from './launch.ts';
import { knownSpecs } from './known-specs.ts';
import { containerName, INSIDE, LABELS, LAYOUT } from './layout.ts';
import { removeLeft } from './left-containers.ts';
import { listContainers, specDigest, specDigestIn } from './list-containers.ts';
import { runOnce } from './once.ts';
import { render } from './render.ts';
import { parseSpec, type Spec } from './spec.ts';
import { deploymentNetworks, removeStaleNetworks } from './stale-networks.ts';
import { composeArgs, lastLines, startService } from './start-service.ts';
import { surveyFiles } from './survey-files.ts';
import type { DockerTarget } from './target.ts';
import { unenforced } from './unenforced.ts';

const NETWORKS_MS = 120_000;
const STOP_EXTRA_S = 15;

/** Runs the services of one host as containers, through the host's own docker and compose. `files` reads the specifications. */
export function dockerRuntime(of: {
  readonly place: Place;
  readonly engine: DockerEngine;
  readonly target: DockerTarget;
  readonly files?: DockerFiles;
}): Runtime {
  const { place, engine, target } = of;
  const files = of.files ?? dockerFiles(engine, target.image, place.root);
  const container = (name: string): string => containerName(place.deployment, name);
  const specs = knownSpecs();
  /** What is listed while the host is looked at: whoever talks with a service meanwhile need not ask and wait for its turn. */
  let lately: Promise<readonly unknown[]> | undefined;

  async function specOf(name: string): Promise<Spec> {
    const found = await files.read(join(place.root, LAYOUT.spec(name)));
    if (found) return parseSpec(Buffer.from(found).toString('utf8'), name);
    throw new Problem('docker/no-spec', `there is no service ${name} in this deployment`, {
      cause: `no specification of it on host ${engine.host.name}`,
      fix: 'write its files with: lobsterpot up',
    });
  }

  /** The same from the container that runs: the engine reads a file of it at once. */
  async function launchedFrom(name: string): Promise<Spec> {
    const api = engine.quick?.api;
    if (api?.isOpen() !== true) return specOf(name);
    // Sooner than a file of it: what it carries of its specification, which may be known.
    const listed = await lately?.catch(() => undefined);
    const digest = listed ? specDigestIn(listed, container(name)) : specDigest(api, container(name));
    const known = specs.of(await Promise.resolve(digest).catch(() => undefined));
    if (known) return known;
    const text = await fileInside(api, container(name), INSIDE.spec).catch(() => undefined);
    return text === undefined ? specOf(name) : parseSpec(text, name);
  }

  const list = (): Promise<readonly unknown[]> => listContainers(engine, place.deployment);
  const observe = (listing = list()): Promise<readonly ServiceState[]> =>
    observeContainers(engine, listing, { image: target.image, specs });

  async function stop(name: string): Promise<void> {
    const spec = await specOf(name).catch(() => undefined);
    const grace = spec?.container.stopSeconds ?? 10;
    const stopped = await callDocker(engine, ['stop', '--time', String(grace), container(name)], {
      timeoutMs: (grace + STOP_EXTRA_S) * 1000,
    });
    // Removed as well: what is only stopped would be started again with the engine.
    const removed = await callDocker(engine, ['rm', '--force', '--volumes', container(name)], { timeoutMs: ASK_MS });
    for (const result of [stopped, removed]) {
      if (result.code !== 0 && !/no such container/i.test(result.stderr)) throw dockerProblem(engine, `stop ${name}`, result);
    }
  }

  return {
    render: (services) => {
      const artifacts = render(services, place, target);
      specs.learnFrom(artifacts);
      return artifacts;
    },
    observe,
    survey: async (paths) => {
      const asked = { engine, files, deployment: place.deployment, root: place.root, image: target.image };
      const listing = (lately = list());
      // The engine answers in turn, and the files take it a moment.
      const lying = listing.catch(() => undefined).then(() => surveyFiles(asked, paths));
      try {
        const [services, found] = await Promise.all([observe(listing), lying]);
        return { services, files: found };
      } finally {
        lately = undefined;
      }
    },
    // In the conversation that is open, or not now: it is worth no other.
    tidy: async () => (engine.quick?.api.isOpen() === true ? removeLeft(engine.quick.api, place.deployment) : 0),
    start: async (names, onStep) => {
      for (const name of names) {
        const { container: plan } = await specOf(name);
        await removeStaleNetworks(engine, place.deployment, plan.networks);
        await startService(engine, place, name, plan.startSeconds * 1000, onStep);
      }
    },
    stop: async (names) => {
      for (const name of names.toReversed()) await stop(name);
    },
    // Without Compose: its file may be gone, and what it did not make goes too.
    shutdown: async () => {
      for (const { name } of await observe()) await stop(name);
      await removeLeftContainers(engine, place.deployment);
      for (const { name } of await deploymentNetworks(engine, place.deployment)) {
        await mustDocker(engine, ['network', 'rm', name], `remove the network ${name}`, { timeoutMs: ASK_MS });
      }
    },
    once: async (name, command, options) => {
      const spec = await specOf(name);
      const state = (await observe()).find((one) => one.name === name);
      const running = state?.pid !== undefined;
      if (!running) await makeNetworks(engine, place, name);
      return runOnce(engine, spec, running, command, options);
    },
    inside: async (name, command, options) => {
      const args = ['exec', '--interactive', `--workdir=${INSIDE.state}`, container(name), ...expandInImage(command)];
      const result = await callDocker(engine, args, options);
      if (result.code === 1 && /is not running|no such container|is restarting/i.test(result.stderr)) throw notRunning(name);
      return result;
    },
    connect: async (name, listener): Promise<Duplex> => {
      const to = connectTarget(await launchedFrom(name), listener);
      const args = ['exec', '--interactive', container(name), IMAGE_NODE, INSIDE.launcher, 'connect', to];
      return engine.host.pipe([...engine.docker, ...args], engine.env === undefined ? {} : { env: engine.env });
    },
    notEnforced: () => Promise.resolve(unenforced(engine.host.name, target)),
    logs: (name, lines) => lastLines(engine, container(name), lines),
  };
}

/** What ran beside a service when lobsterpot itself was ended. */
async function removeLeftContainers(engine: DockerEngine, deployment: string): Promise<void> {
  const filter = `--filter=label=${LABELS.deployment}=${deployment}`;
  const listed = await mustDocker(engine, ['ps', '--all', '--quiet', filter], 'list the containers', { timeoutMs: ASK_MS });
  const ids = listed.split('\n').filter((line) => line !== '');
  if (ids.length > 0) await mustDocker(engine, ['rm', '--force', '--volumes', ...ids], 'remove what is left', { timeoutMs: ASK_MS });
}

/** A command beside a service that never ran needs that one's networks. */
async function makeNetworks(engine: DockerEngine, place: Place, name: string): Promise<void> {
  await mustCompose(
    engine,
    [...composeArgs(place), 'up', '--no-start', '--no-recreate', '--no-build', '--no-deps', name],
    `make the networks of ${name}`,
    {
      timeoutMs: NETWORKS_MS,
    },
  );
}

function notRunning(name: string): Problem {
  return new Problem('docker/not-running', `${name} does not run, so there is no inside to run a command in`, {
    cause: 'its container is not up',
    fix: 'start it with: lobsterpot up',
  });
}
