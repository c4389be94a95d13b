import { parseKeyLine, parseLinkComment } from './authorized-line.ts';

/** What became of an authorized_keys file. */
export type KeysEdit = {
  readonly text: string;
  /** Nodes whose line was put in or set right. */
  readonly written: readonly string[];
  /** Nodes whose line was taken out. */
  readonly removed: readonly string[];
  /** Lines of others (by number, from 1) that held a link's key with other options and were taken out: sshd uses the first line that fits. */
  readonly weaker: readonly number[];
};

/**
 * The file with exactly these lines of this deployment, in the place of older ones or at the end. Every other byte stays,
 * except lines that hold one of these keys under another name. Give and write the text as latin1, so that bytes stay bytes.
 */
export function editAuthorizedKeys(text: string, wanted: { readonly deployment: string; readonly lines: readonly string[] }): KeysEdit {
  const missing = new Map(wanted.lines.map((line) => [wantedNode(line, wanted.deployment), line] as const));
  const blobs = wanted.lines.flatMap((line) => parseKeyLine(line)?.key.blob ?? []);
  const [kept, written, removed, weaker] = [new Array<string>(), new Array<string>(), new Array<string>(), new Array<number>()];
  for (const [at, line] of splitLines(text).entries()) {
    const node = nodeOf(line, wanted.deployment);
    const right = node === undefined ? undefined : missing.get(node);
    if (node !== undefined && right !== undefined) {
      missing.delete(node);
      if (line !== `${right}\n`) written.push(node);
      kept.push(`${right}\n`);
    } else if (node !== undefined) removed.push(node);
    else if (holds(line, blobs)) weaker.push(at + 1);
    else kept.push(line);
  }
  const before = kept.join('');
  // Without this the first new line would become part of an old one.
  const glue = missing.size > 0 && before !== '' && !before.endsWith('\n') ? '\n' : '';
  const added = [...missing.values()].map((line) => `${line}\n`).join('');
  return { text: `${before}${glue}${added}`, written: [...written, ...missing.keys()], removed, weaker };
}

/** The node of this deployment whose line it is. */
function nodeOf(line: string, deployment: string): string | undefined {
  const name = parseLinkComment(parseKeyLine(line)?.comment ?? '');
  return name?.deployment === deployment ? name.node : undefined;
}

function wantedNode(line: string, deployment: string): string {
  const node = nodeOf(line, deployment);
  if (node === undefined) throw new TypeError('editAuthorizedKeys: a wanted line of another deployment');
  return node;
}

/** Also where this code cannot read the line but sshd perhaps can. */
function holds(line: string, blobs: readonly string[]): boolean {
  return !/^[ \t]*#/.test(line) && blobs.some((blob) => line.includes(blob.replace(/=+$/, '')));
}

function splitLines(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
