import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';

const EXAMPLE = join(import.meta.dirname, '../../examples/this-machine/lobsterpot.yaml');

/** The example that the README starts with, comments and all, after `edit`. */
export function exampleFile(edit: (document: ReturnType<typeof parseDocument>) => void = () => {}): string {
  const document = parseDocument(readFileSync(EXAMPLE, 'utf8'));
  edit(document);
  return document.toString();
}
