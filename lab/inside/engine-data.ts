import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Gives an engine a data folder that knows the images of the template; their layers are still empty folders in it. */
export function makeEngineData(data: string, template: string | undefined): void {
  mkdirSync(data, { recursive: true, mode: 0o710 });
  if (template === undefined) return;
  cpSync(join(template, 'image'), join(data, 'image'), { recursive: true });
  for (const layer of readdirSync(join(template, 'overlay2'))) {
    const [from, to] = [join(template, 'overlay2', layer), join(data, 'overlay2', layer)];
    mkdirSync(to, { recursive: true });
    for (const entry of readdirSync(from)) {
      if (entry === 'diff') mkdirSync(join(to, entry));
      else cpSync(join(from, entry), join(to, entry), { recursive: true, verbatimSymlinks: true });
    }
  }
}

/** The layers' files, below an engine's data folder: seen read-only from the template, as they are only ever read. */
export function layerFolders(template: string | undefined): readonly { readonly from: string; readonly below: string }[] {
  if (template === undefined) return [];
  return readdirSync(join(template, 'overlay2'))
    .filter((layer) => layer !== 'l')
    .map((layer) => ({ from: join(template, 'overlay2', layer, 'diff'), below: join('overlay2', layer, 'diff') }));
}
