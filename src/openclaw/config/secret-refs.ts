import type { Json } from '../../core/json.ts';
import type { InsidePaths } from '../inside-paths.ts';

/** What stands in the place of a secret's value: the file that `secrets.providers` has under this name. */
export function fileRef(provider: string): Json {
  return { source: 'file', provider, id: 'value' };
}

/** The entry of `secrets.providers` for one file of the service. */
export function secretFile(name: string, inside: InsidePaths): Json {
  return { source: 'file', path: `${inside.secrets}/${name}`, mode: 'singleValue' };
}
