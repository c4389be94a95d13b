import { type Document, LineCounter, isAlias, isMap, isPair, isScalar, isSeq, parseDocument, visit } from 'yaml';
import type { KeyPath, Mistake, Position } from './mistake.ts';

/** What a YAML text holds, and where each part of it stands. */
export type ReadDocument = {
  readonly value: unknown;
  readonly mistakes: readonly { readonly mistake: Mistake; readonly position: Position }[];
  /** The line and column of a value, or of its key; of the nearest part above it when the path leads nowhere. */
  where(path: KeyPath, atKey: boolean): Position;
};

/** Reads one YAML document without running anything and without growing: no merges, few aliases, no custom tags. */
export function readDocument(text: string): ReadDocument {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const failed = (what: string, cause: string, change: string, offset: number): ReadDocument => ({
    value: undefined,
    mistakes: [{ mistake: { code: 'syntax', path: [], what, cause, change }, position: at(offset) }],
    where: () => at(0),
  });

  let doc: Document.Parsed;
  let value: unknown;
  try {
    doc = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, version: '1.2', merge: false });
  } catch (thrown) {
    // A few thousand opening brackets exhaust the parser's stack.
    if (thrown instanceof RangeError)
      return failed('nested too deeply', 'the file opens more levels than can be read', 'write the file with fewer levels', 0);
    throw thrown;
  }
  const problems = [...doc.errors, ...doc.warnings].map((one) => ({
    mistake: syntaxMistake(one.code, one.message),
    position: at(one.pos[0]),
  }));
  const proto = protoKey(doc);
  if (proto !== undefined) problems.push({ mistake: forbiddenKey(), position: at(proto) });
  if (problems.length > 0) return { value: undefined, mistakes: problems, where: () => at(0) };
  if (doc.contents === null || (isScalar(doc.contents) && doc.contents.value === null)) {
    return failed(
      'the file is empty',
      'a deployment needs at least a name, one host and one gateway',
      'copy examples/this-machine/lobsterpot.yaml and change it',
      0,
    );
  }
  try {
    // Each alias is counted with what it stands for, so that a few nested ones cannot grow to gigabytes.
    value = doc.toJS({ maxAliasCount: 50 });
  } catch (thrown) {
    if (!(thrown instanceof ReferenceError || thrown instanceof RangeError)) throw thrown;
    return failed('too many aliases', 'a `*name` alias repeats more of the file than is allowed', 'write the repeated parts out', 0);
  }
  return { value, mistakes: [], where: (path, atKey) => at(offsetOf(doc, path, atKey)) };
}

function offsetOf(doc: Document.Parsed, path: KeyPath, atKey: boolean): number {
  let node: unknown = doc.contents;
  let offset = start(node) ?? 0;
  for (const [depth, part] of path.entries()) {
    if (isAlias(node)) node = node.resolve(doc);
    if (isMap(node)) {
      const pair = node.items.find((one) => isScalar(one.key) && String(one.key.value) === String(part));
      if (!pair) return offset;
      const last = depth === path.length - 1;
      offset = (last && atKey ? undefined : start(pair.value)) ?? start(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number') {
      node = node.items[part];
      offset = start(node) ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

function start(node: unknown): number | undefined {
  if (isPair(node)) return start(node.key);
  if (!isScalar(node) && !isMap(node) && !isSeq(node) && !isAlias(node)) return undefined;
  // An empty value has a range of no length behind the line; the key is the better place to point at.
  if (isScalar(node) && node.value === null && node.range && node.range[0] === node.range[1]) return undefined;
  return node.range?.[0];
}

/** `__proto__` is the one key that the schema would overlook in a map of names. */
function protoKey(doc: Document.Parsed): number | undefined {
  let found: number | undefined;
  visit(doc, {
    Pair(_, pair) {
      if (isScalar(pair.key) && pair.key.value === '__proto__') found ??= start(pair.key) ?? 0;
    },
  });
  return found;
}

function forbiddenKey(): Mistake {
  return {
    code: 'unknown-key',
    path: [],
    what: 'the key __proto__ is not allowed',
    cause: 'no part of the file has such a key',
    change: 'remove it',
  };
}

function syntaxMistake(code: string, message: string): Mistake {
  const base = { path: [], what: 'not valid YAML' };
  switch (code) {
    case 'DUPLICATE_KEY':
      return {
        ...base,
        code: 'duplicate',
        what: 'the same key stands twice',
        cause: 'of two equal keys in one map only one could count',
        change: 'remove one of them or give it another name',
      };
    case 'TAB_AS_INDENT':
      return { ...base, code: 'syntax', cause: 'a tab is used to indent', change: 'indent with spaces' };
    case 'MULTIPLE_DOCS':
      return {
        ...base,
        code: 'syntax',
        what: 'more than one document',
        cause: 'a line `---` begins a second document',
        change: 'keep one document in the file',
      };
    default:
      return { ...base, code: 'syntax', cause: withoutContent(message), change: 'correct this place' };
  }
}

/** The parser quotes what it stumbled over, which may be a pasted key: only its own words are kept. */
function withoutContent(message: string): string {
  const words = message.split('\n')[0]?.replaceAll(/"[^"]*"?|(?<=: ).*$/g, '...') ?? '';
  return words.length === 0 ? 'the YAML parser gave no reason' : words.charAt(0).toLowerCase() + words.slice(1).replace(/[.:\s]+$/, '');
}
