import { join } from 'node:path';
import type { DockerInfo } from '../../src/hosts/docker-facts.ts';
import type { DockerEngine } from '../../src/runtimes/docker/engine.ts';
import { resolveImage } from '../../src/runtimes/docker/image.ts';
import { targetOf, type DockerTarget } from '../../src/runtimes/docker/target.ts';
import type { Service } from '../../src/services/service.ts';
import { dockerStage, type DockerStage } from './stage.ts';
import { testServices } from './services.ts';
import { importSmallImage } from './small-image.ts';
import { startEngine, type TestEngine } from './start-engine.ts';

/** An engine of its own with a whole deployment on it. */
export type Staged = AsyncDisposable &
  DockerStage & {
    readonly on: TestEngine;
    readonly engine: DockerEngine;
    readonly target: DockerTarget;
    docker(args: readonly string[]): Promise<string>;
  };

/** Starts the engine and writes the deployment; `up` starts its services too. */
export async function withStage(how: {
  readonly up: boolean;
  readonly compose?: 'v2' | 'v1';
  /** Another gate, and the Squid that is put into the image for it. */
  readonly squid?: { readonly program: string; readonly gate: Service };
}): Promise<Staged> {
  const on = await startEngine();
  try {
    const used = how.compose === 'v1' ? on.old : on.engine;
    if (!used) throw new Error('there is no docker-compose here');
    const target = await targetOn(on, used, how.squid?.program);
    const services = (await testServices()).map((one) => (one.role === 'gate' ? (how.squid?.gate ?? one) : one));
    const stage = dockerStage(used, join(on.folder, 'home'), target, services);
    await stage.write();
    if (how.up) await stage.runtime.start(stage.services.map((one) => one.name));
    return {
      ...stage,
      on,
      engine: used,
      target,
      docker: (args) => docker(used, args),
      [Symbol.asyncDispose]: async () => {
        await stage.files[Symbol.asyncDispose]();
        await on[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await on[Symbol.asyncDispose]();
    throw error;
  }
}

/** What the test's engine really can, with the small image. */
async function targetOn(on: TestEngine, engine: DockerEngine, squid: string | undefined): Promise<DockerTarget> {
  const info: DockerInfo = JSON.parse(await docker(engine, ['info', '--format', '{{json .}}']));
  importSmallImage(on, squid);
  const image = await resolveImage(engine, 'lobsterpot-test/small:1', info.Architecture);
  return targetOf({ info, image, openclaw: '2026.9.6', subnet: '10.87.16.0/20' });
}

/** One docker command that must succeed. */
async function docker(engine: DockerEngine, args: readonly string[]): Promise<string> {
  const result = await engine.host.run([...engine.docker, ...args], { timeoutMs: 60_000, ...(engine.env ? { env: engine.env } : {}) });
  if (result.code !== 0) throw new Error(`docker ${args.join(' ')}: ${result.stderr}`);
  return result.stdout.trim();
}
