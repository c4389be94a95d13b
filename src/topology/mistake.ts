import { EXIT } from '../core/exit-code.ts';
import { Problem } from '../core/problem.ts';
import { plainText } from '../core/plain-text.ts';

/** Where something stands in the document: keys and list positions from the top. */
export type KeyPath = readonly (string | number)[];

/** One thing that is wrong in the file, before it is known on which line it stands. */
export type Mistake = {
  readonly code:
    | 'syntax'
    | 'unknown-key'
    | 'missing'
    | 'value'
    | 'reference'
    | 'rule'
    | 'exec'
    | 'port'
    | 'place'
    | 'link'
    | 'volume'
    | 'duplicate'
    | 'not-yet'
    | 'ca';
  readonly path: KeyPath;
  /** The key itself is wrong, not its value. */
  readonly atKey?: boolean;
  readonly what: string;
  readonly cause: string;
  /** What to change; the next command is added when it is printed. */
  readonly change: string;
};

export type Position = { readonly line: number; readonly column: number };

/** `gateways.main.exec.allow[0].args`, as messages name a place. */
export function pathText(path: KeyPath): string {
  return path.map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? quoted(part) : `.${quoted(part)}`)).join('');
}

/** The Problem of one mistake: its place comes first, so that an editor or a person can jump to it. */
export function problemOf(mistake: Mistake, file: string, at: Position): Problem {
  const place = `${file}:${at.line}:${at.column}`;
  const path = pathText(mistake.path);
  return new Problem(`topology/${mistake.code}`, path === '' ? `${place}: ${mistake.what}` : `${place}: ${path}: ${mistake.what}`, {
    cause: mistake.cause,
    fix: `${mistake.change}, then run: npx lobsterpot plan${file === 'lobsterpot.yaml' ? '' : ` --file ${/[^\w./-]/.test(file) ? JSON.stringify(file) : file}`}`,
    exit: EXIT.usage,
  });
}

/**
 * A value from the file for a message. Long text is not shown: a key pasted in the wrong place must not
 * end up on a screen or in a log.
 */
export function shown(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return looksSecret(value) ? 'a text that is not shown here' : `the text ${quoted(value)}`;
  return `${typeof value === 'boolean' ? 'the truth value' : 'the number'} ${JSON.stringify(value)}`;
}

function looksSecret(text: string): boolean {
  return text.length > 40 || /^(sk|xai|AIza|key|gh[pousr])[-_]/i.test(text) || /[A-Za-z0-9+/_-]{24}/.test(text);
}

function quoted(text: string): string {
  if (/^[A-Za-z0-9_.*:/-]{1,60}$/.test(text) && !looksSecret(text)) return text;
  return looksSecret(text) ? '"..."' : JSON.stringify(plainText(text, 40));
}
