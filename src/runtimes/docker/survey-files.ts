import type { FileState } from '../../hosts/host.ts';
import type { DockerFiles } from './docker-files.ts';
import type { EngineApi } from './engine-api.ts';
import type { DockerEngine } from './engine.ts';
import { quickSurvey } from './quick-survey.ts';

type Asked = {
  readonly engine: DockerEngine;
  readonly files: DockerFiles;
  readonly deployment: string;
  readonly root: string;
  readonly image: string;
};

/**
 * What lies at each path, at every specification and every placed secret. Where the conversation with the engine does not give all of
 * it, a container that is talked with reads the files.
 */
export async function surveyFiles(asked: Asked, paths: readonly string[]): Promise<ReadonlyMap<string, FileState>> {
  const api = asked.engine.quick?.api;
  const found = api?.isOpen() === true ? await quickly(api, asked, paths).catch(() => undefined) : undefined;
  return found ?? asked.files.survey(paths);
}

async function quickly(api: EngineApi, asked: Asked, paths: readonly string[]): Promise<ReadonlyMap<string, FileState>> {
  const found = await quickSurvey(api, { ...asked, paths });
  const wanted = new Set(paths);
  return new Map([...found].filter(([path]) => wanted.has(path) || /^services\/[^/]+\/(spec\.json|secrets\/[^/]+)$/.test(path)));
}
