import { type YAMLMap, type YAMLSeq, isMap, isScalar, isSeq, parseDocument, Scalar } from 'yaml';

/** A rule as it is to stand in the file; `client` by its name there. */
export type FileRule = { readonly host: string; readonly port: number; readonly client?: string; readonly until?: number };

/**
 * A deployment's file with one rule more under `egress.allow`, every other byte as it was, the new line written as those around it.
 * undefined: what stands there (an alias, say) is not a place to add to. The file was read and checked before. Pure.
 */
export function addAllowed(text: string, rule: FileRule): string | undefined {
  const document = parseDocument(text);
  const root: unknown = document.contents;
  if (!isMap(root) || root.flow === true) return undefined;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const put = (at: number, lines: readonly string[]): string => insertLines(text, at, lines, eol);
  const egress = valueOf(root, 'egress');
  if (egress === undefined) return put(text.length, ['egress:', '  allow:', `    - ${entry(rule)}`]);
  if (isNothing(egress.value)) return put(lineAfter(text, egress.keyEnd), ['  allow:', `    - ${entry(rule)}`]);
  if (!isMap(egress.value)) return undefined;
  const allow = valueOf(egress.value, 'allow');
  if (!allow) return addList(text, egress.value, rule, put);
  if (isNothing(allow.value)) {
    const indent = indentAt(text, allow.keyEnd);
    return egress.value.flow === true ? undefined : put(lineAfter(text, allow.keyEnd), [`${indent}  - ${entry(rule)}`]);
  }
  return isSeq(allow.value) ? addItem(text, allow.value, rule, put) : undefined;
}

type Put = (at: number, lines: readonly string[]) => string;

/** There is an `egress` and no `allow` in it. */
function addList(text: string, egress: YAMLMap, rule: FileRule, put: Put): string | undefined {
  const [first] = egress.items;
  if (egress.flow === true) return addToFlow(text, egress, `allow: [ ${entry(rule)} ]`);
  const at = first && isScalar(first.key) ? first.key.range?.[0] : undefined;
  if (at === undefined) return undefined;
  const indent = indentAt(text, at);
  return put(lineStart(text, at), [`${indent}allow:`, `${indent}  - ${entry(rule)}`]);
}

function addItem(text: string, list: YAMLSeq, rule: FileRule, put: Put): string | undefined {
  const written = entry(rule, quoteIn(list));
  if (list.flow === true) return addToFlow(text, list, written);
  const range = rangeOf(list.items.at(-1));
  if (!range) return undefined;
  const dash = /^(\s*)- /.exec(text.slice(lineStart(text, range[0])))?.[1];
  if (dash === undefined) return undefined;
  const end = text.slice(range[0], range[1]).trimEnd().length + range[0];
  return put(lineAfter(text, end), [`${dash}- ${written}`]);
}

/** `{ a: 1 }` and `[ a, b ]`, also over several lines: behind the last entry, spaced as the entries are. */
function addToFlow(text: string, collection: YAMLMap | YAMLSeq, written: string): string | undefined {
  const range = collection.range;
  if (!range) return undefined;
  const last: unknown = collection.items.at(-1);
  if (last === undefined) return `${text.slice(0, range[0] + 1)} ${written} ${text.slice(range[1] - 1)}`;
  const end = rangeOf(isPairLike(last) ? last.value : last)?.[1];
  if (end === undefined) return undefined;
  return `${text.slice(0, end)}, ${written}${text.slice(end)}`;
}

function isPairLike(value: unknown): value is { readonly key: unknown; readonly value: unknown } {
  return typeof value === 'object' && value !== null && 'key' in value && 'value' in value;
}

function rangeOf(node: unknown): readonly [number, number] | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined;
  const [start, end]: unknown[] = node.range;
  return typeof start === 'number' && typeof end === 'number' ? [start, end] : undefined;
}

function valueOf(map: YAMLMap, name: string): { readonly value: unknown; readonly keyEnd: number } | undefined {
  const pair = map.items.find((one) => isScalar(one.key) && one.key.value === name);
  const keyEnd = pair && isScalar(pair.key) ? pair.key.range?.[1] : undefined;
  return pair && keyEnd !== undefined ? { value: pair.value, keyEnd } : undefined;
}

function isNothing(value: unknown): boolean {
  return value === null || (isScalar(value) && value.value === null);
}

/** The quotes that the first quoted entry of a list has. */
function quoteIn(list: YAMLSeq): "'" | '"' | undefined {
  for (const item of list.items) {
    if (!isScalar(item)) continue;
    if (item.type === Scalar.QUOTE_SINGLE) return "'";
    if (item.type === Scalar.QUOTE_DOUBLE) return '"';
  }
  return undefined;
}

function entry({ host, port, client, until }: FileRule, quote?: "'" | '"'): string {
  const bare = host.includes(':') ? `[${host}]` : host;
  const place = port === 443 ? bare : `${bare}:${port}`;
  const isPlain = /^[a-z0-9][a-z0-9.-]*$/.test(place);
  // A host has neither quotes nor backslashes.
  const written = isPlain && quote === undefined ? place : `${quote ?? '"'}${place}${quote ?? '"'}`;
  if (client === undefined && until === undefined) return written;
  const more = [client === undefined ? [] : [`client: ${client}`], until === undefined ? [] : [`until: ${new Date(until).toISOString()}`]];
  return `{ ${[`host: ${written}`, ...more.flat()].join(', ')} }`;
}

function insertLines(text: string, at: number, lines: readonly string[], eol: string): string {
  const before = text.slice(0, at);
  const isOpen = before !== '' && !before.endsWith('\n');
  return `${before}${isOpen ? eol : ''}${lines.map((line) => line + eol).join('')}${text.slice(at)}`;
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

function lineAfter(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
}

function indentAt(text: string, at: number): string {
  return /^[ ]*/.exec(text.slice(lineStart(text, at)))?.[0] ?? '';
}
