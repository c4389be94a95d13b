import { join } from 'node:path';
import { dockerFiles, type DockerFiles } from '../../src/runtimes/docker/docker-files.ts';
import { dockerRuntime } from '../../src/runtimes/docker/docker-runtime.ts';
import type { DockerEngine } from '../../src/runtimes/docker/engine.ts';
import type { DockerTarget } from '../../src/runtimes/docker/target.ts';
import type { Artifact, Place, Runtime } from '../../src/runtimes/runtime.ts';
import type { Service } from '../../src/services/service.ts';

/** A deployment on a test's engine. */
export type DockerStage = {
  readonly root: string;
  readonly runtime: Runtime;
  readonly files: DockerFiles;
  readonly artifacts: readonly Artifact[];
  readonly services: readonly Service[];
  /** Writes what `render` gives and places the secrets, as `up` does. */
  write(): Promise<void>;
};

/** A deployment called `home` in `root`, through the given engine. */
export function dockerStage(engine: DockerEngine, root: string, target: DockerTarget, services: readonly Service[]): DockerStage {
  const place: Place = { deployment: 'home', root, runtime: '/unused', containment: 'full' };
  const files = dockerFiles(engine, target.image, root);
  const runtime = dockerRuntime({ place, engine, target, files });
  const artifacts = runtime.render(services);
  return {
    root,
    runtime,
    files,
    artifacts,
    services,
    write: async () => {
      await files.makeFolder(root, { mode: 0o700 });
      for (const one of artifacts) {
        if (one.kind === 'folder') await files.makeFolder(join(root, one.path), one);
        else await files.write(join(root, one.path), one.content, one);
      }
      for (const service of services) {
        const owner = artifacts.find((one) => one.path === `services/${service.name}/state`)?.owner;
        for (const { file } of service.secrets) {
          await files.write(join(root, 'services', service.name, 'secrets', file), 'the-secret-value', {
            mode: 0o400,
            ...(owner ? { owner } : {}),
          });
        }
      }
    },
  };
}
