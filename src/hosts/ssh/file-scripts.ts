import { posix } from 'node:path';

import type { Owner } from '../host.ts';
import { absolute } from './far-script.ts';
import { quoteArgv, quoteWord } from './quote.ts';

/** The largest file that is read. */
export const MOST_READ = 16 * 1024 ** 2;

// `state PATH` sets m (type and mode), u, g and t, or m=absent, or m=error and e. GNU and busybox have `-c`, BSD and macOS `-f`.
// %y has the fraction of a second where the system knows it.
const STATE = String.raw`
if stat -c %f / >/dev/null 2>&1; then
  raw() { stat -c '%f %u %g %Y %y' "$1" 2>&1; }; base=16
else
  raw() { stat -f '%p %u %g %Fm x' "$1" 2>&1; }; base=8
fi
state() {
  e=$(raw "$1"); c=$?
  case $c:$e in
    0:*) set -f; set -- $e; set +f; m=$1 u=$2 g=$3 t=$4
         case $6 in *.*) t=$t.${'$'}{6#*.};; esac ;;
    *'No such file'*|*'Not a directory'*|*'not a directory'*) m=absent ;;
    *) m=error ;;
  esac
}`;

const HASH = String.raw`
if command -v sha256sum >/dev/null 2>&1; then hash() { sha256sum; }
elif command -v shasum >/dev/null 2>&1; then hash() { shasum -a 256; }
else hash() { openssl dgst -sha256 -r; }
fi`;

/** Defines `one PATH`: a line of what is there, `BASE MODE UID GID SECONDS [HASH]`, `absent` or `error WHY`. */
export const STATE_LINE = [
  STATE,
  HASH,
  String.raw`
one() {
  state "$1"
  case $m in
    absent) echo absent; return ;;
    error) printf 'error '; printf '%s' "$e" | tr '\n' ' '; echo; return ;;
  esac
  h=-
  if [ -f "$1" ] && [ ! -L "$1" ]; then
    h=$(hash <"$1" 2>&1) || { printf 'error '; printf '%s' "$h" | tr '\n' ' '; echo; return; }
    h=${'$'}{h%% *}
  fi
  echo "$base $m $u $g $t $h"
}`,
].join('\n');

/** Says of each path what is there, one line a path. */
export function statScript(paths: readonly string[]): string {
  return [STATE_LINE, ...paths.map((path) => `one ${quoteWord(absolute(path))}`)].join('\n');
}

/** Gives `plain` on a line and then the content; `absent`, `other` or `big BYTES` in place of it. */
export function readScript(path: string): string {
  return [
    `p=${quoteWord(absolute(path))}`,
    STATE,
    String.raw`state "$p"
case $m in absent) echo absent; exit 0 ;; error) echo "$e" >&2; exit 1 ;; esac
if [ -L "$p" ] || [ ! -f "$p" ]; then echo other; exit 0; fi
n=$(wc -c <"$p") || exit 1`,
    `if [ "$n" -gt ${MOST_READ} ]; then echo big $n; exit 0; fi`,
    'echo plain',
    'exec cat <"$p"',
  ].join('\n');
}

/**
 * Takes the content from its input into a new file beside `path` and renames it over `path`. Content that is cut off on the
 * way is never used: its length is compared first. A link at `path` is replaced, not followed.
 */
export function writeScript(path: string, size: number, temporary: string, as: { readonly mode: number; readonly owner?: Owner }): string {
  const folder = posix.dirname(absolute(path));
  return [
    `p=${quoteWord(path)}`,
    `t=${quoteWord(posix.join(folder, temporary))}`,
    String.raw`trap 'rm -f "$t"' EXIT
trap 'exit 1' HUP INT TERM PIPE
if [ -d "$p" ] && [ ! -L "$p" ]; then echo "$p: Is a directory" >&2; exit 1; fi
set -C
cat >"$t" || exit 1
set +C
n=$(wc -c <"$t") || exit 1`,
    `if [ "$n" -ne ${size} ]; then echo "got $n of ${size} bytes" >&2; exit 1; fi`,
    ...(as.owner ? [`chown ${owner(as.owner)} "$t" || exit 1`] : []),
    `chmod ${octal(as.mode)} "$t" || exit 1`,
    // GNU flushes one file; elsewhere the word is refused or means all of them.
    'sync "$t" 2>/dev/null || sync',
    String.raw`if [ -L "$p" ] && [ -d "$p" ]; then
  mv -fT "$t" "$p" 2>/dev/null || mv -fh "$t" "$p" 2>/dev/null || { rm -f "$p" && mv -f "$t" "$p"; } || exit 1
else
  mv -f "$t" "$p" || exit 1
fi`,
  ].join('\n');
}

/** Makes the folder (parents for their owner alone) and sets what differs; `not-plain` when something else is in its place. */
export function folderScript(path: string, as: { readonly mode: number; readonly owner?: Owner }): string {
  return [
    `p=${quoteWord(absolute(path))}`,
    `mkdir -p ${quoteArgv([posix.dirname(path)])} || exit 1`,
    String.raw`e=$(mkdir "$p" 2>&1) || [ -d "$p" ] || [ -e "$p" ] || [ -L "$p" ] || { echo "$e" >&2; exit 1; }
if [ -L "$p" ] || [ ! -d "$p" ]; then echo not-plain; exit 0; fi`,
    STATE,
    'state "$p"',
    ...(as.owner ? [`[ "$u:$g" = ${owner(as.owner)} ] || chown ${owner(as.owner)} "$p" || exit 1`] : []),
    // The four digits of the mode are the last ones in both notations.
    `if [ "$base" = 16 ]; then d=$(printf %o "$((0x$m & 07777))"); else d=$(printf %o "$((0$m & 07777))"); fi`,
    `[ "$d" = ${octal(as.mode)} ] || chmod ${octal(as.mode)} "$p" || exit 1`,
  ].join('\n');
}

/** Says the names in a folder, each with a zero byte after it; nothing for an absent folder. */
export function listScript(path: string): string {
  return [
    `p=${quoteWord(absolute(path))}`,
    STATE,
    String.raw`state "$p"
case $m in absent) exit 0 ;; error) echo "$e" >&2; exit 1 ;; esac
[ -d "$p" ] || { echo "$p: Not a directory" >&2; exit 1; }
[ -r "$p" ] || { echo "$p: Permission denied" >&2; exit 1; }
for f in "$p"/* "$p"/.[!.]* "$p"/..?*; do
  if [ -e "$f" ] || [ -L "$f" ]; then printf '%s\0' "${'$'}{f##*/}"; fi
done`,
  ].join('\n');
}

/** Removes what is there, with all below it; nothing there is fine. */
export function removeScript(path: string): string {
  if (posix.normalize(absolute(path)) === '/') throw new TypeError('refused to remove the root folder');
  return `rm -rf ${quoteWord(path)}`;
}

/** Gives what is at `from` another name; a folder of that name is never entered. */
export function renameScript(from: string, to: string): string {
  return [
    `f=${quoteWord(absolute(from))} t=${quoteWord(absolute(to))}`,
    'if [ -d "$t" ] && [ ! -L "$t" ]; then echo "$t: Is a directory" >&2; exit 1; fi',
    'mv -f "$f" "$t"',
  ].join('\n');
}

/** Gives a plain file a second name; `taken` when something has it. */
export function linkScript(from: string, to: string): string {
  return [
    `f=${quoteWord(absolute(from))} t=${quoteWord(absolute(to))}`,
    `(umask 077; mkdir -p ${quoteArgv([posix.dirname(to)])}) || exit 1`,
    'taken() { [ -e "$t" ] || [ -L "$t" ]; }',
    'if taken; then echo taken; exit 0; fi',
    // Somebody may be quicker, between the question and the answer.
    'e=$(ln "$f" "$t" 2>&1) || { if taken; then echo taken; else echo "$e" >&2; exit 1; fi; }',
  ].join('\n');
}

function octal(mode: number): string {
  return mode.toString(8);
}

function owner({ uid, gid }: Owner): string {
  return `${uid}:${gid}`;
}
