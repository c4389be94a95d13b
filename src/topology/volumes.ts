import { isRecord } from '../core/json.ts';
import type { NodeEntry } from './deployment.ts';
import { faultOfVolume } from './host-path.ts';
import { text } from './loose-view.ts';
import type { KeyPath, Mistake } from './mistake.ts';

type Volume = NodeEntry['volumes'][number];

/** What is wrong with the folders a node sees; `dir` is where the deployment's own files lie on its host. */
export function checkVolumes(path: KeyPath, entries: readonly unknown[], dir: string | undefined): readonly Mistake[] {
  const seen = new Set<string>();
  return entries.flatMap((entry, at): readonly Mistake[] => {
    const volume = readVolume(entry);
    if (!volume) return [];
    const place = isRecord(entry) ? [...path, at, 'path'] : [...path, at];
    const fault = faultOfVolume(volume.path, dir);
    if (fault) return [{ code: 'volume', path: place, what: 'not a folder to give to a node', ...fault }];
    const again = seen.has(volume.path);
    seen.add(volume.path);
    if (!again) return [];
    return [
      {
        code: 'duplicate',
        path: place,
        what: 'the same folder stands twice',
        cause: 'of two entries for one folder only one could count',
        change: 'remove one of them',
      },
    ];
  });
}

/** `/path`, `/path:ro` or `{ path, readOnly }`; undefined for what is of another type. */
export function readVolume(entry: unknown): Volume | undefined {
  if (typeof entry === 'string') {
    const readOnly = entry.endsWith(':ro');
    return { path: readOnly ? entry.slice(0, -3) : entry, readOnly };
  }
  if (!isRecord(entry)) return undefined;
  const { path } = text(entry, 'path');
  return path === undefined ? undefined : { path, readOnly: entry['readOnly'] === true };
}
