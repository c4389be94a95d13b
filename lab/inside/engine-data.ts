import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

// Outside of the engine's own folder: an engine that ends unmounts everything below that.
const LAYERS = 'var/lib/lab-layers';

/** Gives an engine a data folder that knows the images of the template; their layers' files are links to where they are shown. */
export function makeEngineData(data: string, template: string | undefined): void {
  mkdirSync(data, { recursive: true, mode: 0o710 });
  if (template === undefined) return;
  cpSync(join(template, 'image'), join(data, 'image'), { recursive: true });
  for (const layer of readdirSync(join(template, 'overlay2'))) {
    const [from, to] = [join(template, 'overlay2', layer), join(data, 'overlay2', layer)];
    mkdirSync(to, { recursive: true });
    for (const entry of readdirSync(from)) {
      if (entry === 'diff') symlinkSync(join('/', LAYERS, layer), join(to, entry));
      else cpSync(join(from, entry), join(to, entry), { recursive: true, verbatimSymlinks: true });
    }
  }
}

/** The layers' files and where a host shows them: read-only from the template, as they are only ever read. */
export function layerFolders(template: string | undefined): readonly { readonly from: string; readonly at: string }[] {
  if (template === undefined) return [];
  return readdirSync(join(template, 'overlay2'))
    .filter((layer) => layer !== 'l')
    .map((layer) => ({ from: join(template, 'overlay2', layer, 'diff'), at: join(LAYERS, layer) }));
}
