import type { EngineApi } from './engine-api.ts';
import { tarEntries } from './tar-entries.ts';

/** One file as a container has it; undefined: there is none, or it is no plain file. */
export async function fileInside(api: EngineApi, container: string, path: string): Promise<string | undefined> {
  const { status, body } = await api.ask('GET', `/containers/${container}/archive?path=${encodeURIComponent(path)}`);
  const [entry] = status === 200 ? tarEntries(body, 1) : [];
  return entry?.kind === 'file' && entry.isWhole ? entry.content.toString('utf8') : undefined;
}
