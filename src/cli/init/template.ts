/** The text of an example with the block of a commented-out key made part of the file. Pure. */
export function takenIn(text: string, key: string): string {
  return overBlock(text, new RegExp(`^( *)# (${key}:.*)$`), (indent) => new RegExp(`^${indent}# ( +\\S.*)$`), {
    first: '$1$2',
    more: (indent) => `${indent}$1`,
  });
}

/** The text of an example with a key and what is below it made a comment. Pure. */
export function setAside(text: string, key: string): string {
  return overBlock(text, new RegExp(`^( *)(${key}:.*)$`), (indent) => new RegExp(`^${indent}( +\\S.*)$`), {
    first: '$1# $2',
    more: (indent) => `${indent}# $1`,
  });
}

/** The text without the lines that a pattern fits. Pure. */
export function withoutLines(text: string, pattern: RegExp): string {
  return text
    .split('\n')
    .filter((line) => !pattern.test(line))
    .join('\n');
}

/** The text with each word of a list replaced, one after the other. Pure; what is put in must be one line. */
export function reworded(text: string, words: readonly (readonly [from: RegExp, to: string])[]): string {
  return words.reduce((now, [from, to]) => now.replace(from, () => to), text);
}

type As = { readonly first: string; readonly more: (indent: string) => string };

/** Changes the first line that `begin` fits, and the lines right below it that are deeper. */
function overBlock(text: string, begin: RegExp, deeper: (indent: string) => RegExp, as: As): string {
  let below: RegExp | undefined;
  let indent = '';
  let isOver = false;
  const lines = text.split('\n').map((line) => {
    const start = isOver || below ? undefined : begin.exec(line);
    if (start) {
      indent = start[1] ?? '';
      below = deeper(indent);
      return line.replace(begin, as.first);
    }
    if (below?.test(line) === true) return line.replace(below, as.more(indent));
    if (below) {
      below = undefined;
      isOver = true;
    }
    return line;
  });
  return lines.join('\n');
}
