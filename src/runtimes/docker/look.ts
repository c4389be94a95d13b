import { FIRST } from './parse-seen.ts';

/**
 * What is run in a folder: the paths that it is given, each service's specification and each placed secret, as `stat` tells them and, of
 * plain files, their digests. No content, and no link is followed. The first word of each output tells where it begins, the last that
 * nothing is missing. Errors stay on theirs: among what a `stat` writes that does so by the buffer they would stand within a line.
 */
export const LOOK = String.raw`echo ${FIRST}
echo ${FIRST} >&2
cd "$0" || exit
set -- "$@" services services/* services/*/spec.json services/*/secrets services/*/secrets/*
stat -c 'is %f %u %g %Y %y %n' -- "$@"
n=$#
for p; do [ -L "$p" ] || [ ! -f "$p" ] || set -- "$@" "$p"; done
shift $n
[ $# -eq 0 ] || sha256sum -- "$@"
echo seen
echo seen >&2`;

/** Each path with the folders that it lies in, but for those that the script finds by itself. Sorted; pure. */
export function namesFor(paths: readonly string[]): readonly string[] {
  const all = paths.flatMap((path) => path.split('/').map((_, depth, parts) => parts.slice(0, depth + 1).join('/')));
  return [...new Set(all)].filter((path) => path !== '' && !FOUND.test(path)).toSorted();
}

const FOUND = /^services(\/[^/.][^/]*(\/(spec\.json|secrets(\/[^/.][^/]*)?))?)?$/;
