import { readFileSync } from 'node:fs';

import { filterText } from './filter.ts';
import type { Arch } from './syscalls.ts';

const CONSTANT = ['freeze.pl', 'launcher.mjs', 'seal.pl', 'stage0.sh', 'stage1.sh', 'stage2.sh'] as const;

/** The programs that run inside or on the way in, by file name; the same bytes for every service. */
export function programs(arch: Arch): ReadonlyMap<string, string> {
  const files = CONSTANT.map((name) => [name, readFileSync(new URL(`./inside/${name}`, import.meta.url), 'utf8')] as const);
  return new Map([['filter.txt', filterText(arch)] as const, ...files]);
}
