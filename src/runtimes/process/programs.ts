import { readFileSync } from 'node:fs';

import { filterText } from './filter.ts';
import type { Arch } from './syscalls.ts';

const CONSTANT = ['freeze.pl', 'launcher.mjs', 'seal.pl', 'stage0.sh', 'stage1.sh', 'stage2.sh'] as const;

/** The programs that run inside or on the way in, by file name; the same bytes for every service. */
export function programs(arch: Arch): ReadonlyMap<string, string> {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
  const files = CONSTANT.map((name) => [name, read(`./inside/${name}`)] as const);
  return new Map([['filter.txt', filterText(arch)] as const, ...files, ['names.mjs', read('../docker/inside/names.mjs')] as const]);
}
