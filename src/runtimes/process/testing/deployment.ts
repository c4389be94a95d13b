import { linkSync, copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { arch, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { makeFolder, writeFileAtomic } from '../../../hosts/local-files.ts';
import type { Service } from '../../../services/service.ts';
import type { Artifact, Place, Runtime } from '../../runtime.ts';
import { processRuntime } from '../process-runtime.ts';

/** A deployment of small services in a temporary folder; leaving its scope stops everything and removes it. */
export type TestDeployment = AsyncDisposable & {
  readonly place: Place;
  readonly root: string;
  readonly runtime: Runtime;
  readonly artifacts: readonly Artifact[];
};

/** Renders and writes the services, as `up` would; nothing is started. */
export async function testDeployment(
  services: readonly Service[],
  options: { readonly containment?: 'full' | 'none'; readonly folder?: string; readonly secrets?: Readonly<Record<string, string>> } = {},
): Promise<TestDeployment> {
  const top = await mkdtemp(join(tmpdir(), 'lobsterpot-process-'));
  await chmod(top, 0o755);
  const root = join(top, options.folder ?? 'home');
  await mkdir(root, { mode: 0o700, recursive: true });
  const place: Place = { deployment: 'home', root, runtime: testRuntime(top), containment: options.containment ?? 'full' };
  const runtime = processRuntime(place);
  const artifacts = runtime.render(services);
  await writeArtifacts(root, artifacts);
  for (const service of services) {
    const owner = artifacts.find((one) => one.path === `services/${service.name}/state`)?.owner;
    for (const { name, file } of service.secrets) {
      await writeFileAtomic(join(root, 'services', service.name, 'secrets', file), options.secrets?.[name] ?? 'value', {
        mode: 0o400,
        ...(owner ? { owner } : {}),
      });
    }
  }
  return {
    place,
    root,
    runtime,
    artifacts,
    [Symbol.asyncDispose]: async () => {
      await runtime.shutdown();
      await rm(top, { recursive: true, force: true });
    },
  };
}

/** Writes artifacts into a deployment's folder. */
export async function writeArtifacts(root: string, artifacts: readonly Artifact[]): Promise<void> {
  for (const one of artifacts) {
    if (one.kind === 'folder') await makeFolder(join(root, one.path), one);
    else await writeFileAtomic(join(root, one.path), one.content, one);
  }
}

/** A folder with `node_modules/node-linux-<arch>/bin/node`: the one this test runs under, or a copy of its Node. */
function testRuntime(top: string): string {
  const inPlace = resolve(dirname(process.execPath), '../../..');
  const relative = `node_modules/node-${process.platform}-${arch()}/bin/node`;
  if (join(inPlace, relative) === process.execPath) return inPlace;
  const copy = join(top, 'runtime', relative);
  if (existsSync(copy)) return join(top, 'runtime');
  mkdirSync(dirname(copy), { recursive: true });
  try {
    linkSync(process.execPath, copy);
  } catch {
    copyFileSync(process.execPath, copy);
  }
  return join(top, 'runtime');
}

/** A small contained service: a Node script, or any command. */
export function testService(
  name: string,
  what: { readonly script?: string; readonly command?: readonly string[] } & Partial<Omit<Service, 'name' | 'command'>>,
): Service {
  const { script, command, files, ...rest } = what;
  return {
    role: 'node',
    key: name,
    host: 'here',
    hostname: name,
    env: {},
    secrets: [],
    network: 'none',
    listeners: [],
    forwards: [],
    published: [],
    limits: { memoryMiB: 256, processes: 128, openFiles: 512, fileMiB: 64, tmpMiB: 16 },
    health: { kind: 'ready-line', text: 'ready', timeoutMs: 15_000 },
    after: [],
    stopGraceMs: 2000,
    ...rest,
    name,
    command: command ?? ['{node}', '/config/main.mjs'],
    files: [...(script === undefined ? [] : [{ name: 'main.mjs', content: script }]), ...(files ?? [])],
  };
}

/** The script of a service that only stays. */
export const STAY = "console.log('ready'); setInterval(() => undefined, 1000);";
