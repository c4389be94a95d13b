import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { projectFiles } from './files.mjs';
import { root } from './root.mjs';

const MOST_LINES = 300;
const CODE = /\.(ts|mjs|sh|pl)$/;
const TEXT = /\.(ts|mjs|sh|pl|md|ya?ml|json)$|^\.ci\/run$/;

/** Words that are not ours, and what we say instead. */
const WORDS = [
  { find: /\bwhite-?list/i, say: 'allow-list' },
  { find: /\bblack-?list/i, say: 'deny rule' },
  { find: /\b(TODO|FIXME|XXX)\b/, say: 'nothing: do it, or write it down where work is planned' },
];

/** What lint cannot say: length of every program, names of files, words, and paths of the machine it was written on. */
export function houseRules() {
  return projectFiles(['.'])
    .filter((path) => TEXT.test(path) && !/^(package-lock\.json|\.oxlintrc\.json)$|\/lock\//.test(path))
    .flatMap((path) => faults(path, readFileSync(join(root, path), 'utf8')));
}

/** The faults of one file, each as `path:line: what`. */
export function faults(path, text) {
  const lines = text.split('\n');
  const found = [];
  if (CODE.test(path) && lines.length - 1 > MOST_LINES)
    found.push(`${path}: ${lines.length - 1} lines, at most ${MOST_LINES}: it holds more than one idea`);
  if (CODE.test(path) && !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/.test(basename(path))) found.push(`${path}: the name is not kebab-case`);
  // This list has to name the words.
  if (path === 'scripts/lib/house-rules.mjs') return found;
  for (const [at, line] of lines.entries()) {
    for (const { find, say } of WORDS) if (find.test(line)) found.push(`${path}:${at + 1}: ${find.exec(line)[0]}: say ${say}`);
    if (root.split('/').length > 2 && line.includes(root)) found.push(`${path}:${at + 1}: a path of this machine`);
  }
  return found;
}
