const PLAIN = /^[A-Za-z0-9_@%+:,./-]+$/;

/** One word for a POSIX shell: exactly this text, whatever is in it. A zero byte fits into no argument. */
export function quoteWord(word: string): string {
  if (word.includes('\0')) throw new TypeError('an argument cannot hold a zero byte');
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** A command line for a POSIX shell that runs exactly these arguments. */
export function quoteArgv(argv: readonly string[]): string {
  return argv.map(quoteWord).join(' ');
}

/**
 * What ssh is asked to run, always the same: a shell that reads its script as the first line of its input.
 * The rest of the input belongs to the script. So nothing but this is seen in a process list, no limit on arguments
 * counts, and the login shell may be any (csh and fish quote differently, none of them changes this line).
 */
export const FAR_SHELL = `exec /bin/sh -c 'IFS= read -r s && eval "$(printf %b "$s")"'`;

/** A script as the one line that `FAR_SHELL` reads: printable ASCII, everything else as \\0ooo for `printf %b`. */
export function scriptLine(script: string): string {
  if (script.includes('\0')) throw new TypeError('a script cannot hold a zero byte');
  let line = '';
  for (const byte of Buffer.from(script, 'utf8')) {
    line += byte >= 0x20 && byte < 0x7f && byte !== 0x5c ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, '0')}`;
  }
  return `${line}\n`;
}
