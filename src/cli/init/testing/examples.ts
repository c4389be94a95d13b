import { readFileSync } from 'node:fs';
import type { Examples } from '../compose.ts';

const read = (name: string): string => readFileSync(new URL(`../../../../examples/${name}/lobsterpot.yaml`, import.meta.url), 'utf8');

/** The texts that `init` begins with. */
export const EXAMPLES: Examples = {
  'this-machine': read('this-machine'),
  'one-cluster': read('one-cluster'),
  'two-gateways': read('two-gateways'),
};
