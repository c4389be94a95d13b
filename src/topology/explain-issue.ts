import type { z } from 'zod';
import { isRecord } from '../core/json.ts';
import { type SchemaNode, properties, schemaAt } from './json-schema.ts';
import { type KeyPath, type Mistake, pathText, shown } from './mistake.ts';
import { nearest } from './nearest.ts';
import { knownElsewhere } from './not-yet.ts';

type Issue = z.core.$ZodIssue;

/** What one complaint of the schema means for the person who wrote the file. */
export function explainIssue(issue: Issue, value: unknown, schema: SchemaNode, above: KeyPath = []): readonly Mistake[] {
  const path = [...above, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  const found = valueAt(value, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key, valueAt(value, [...path, key]), schema));
    case 'invalid_union': {
      const branch = closest(issue.errors);
      return branch ? branch.flatMap((one) => explainIssue(one, value, schema, path)) : [wrongValue(path, found, issue.message)];
    }
    case 'invalid_key':
      return [badName(path, issue.issues[0]?.message ?? issue.message)];
    default:
      return [found === undefined ? missing(path, schema) : wrongValue(path, found, issue.message)];
  }
}

/** Of the forms a value may take, the one that it comes closest to; undefined when it is of none of their types. */
function closest(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return (
    branches
      .filter((issues) => !issues.some((one) => one.code === 'invalid_type' && one.path.length === 0))
      // Of two equally close forms the later one: it is the general one in our unions.
      .toReversed()
      .toSorted((a, b) => a.length - b.length)[0]
  );
}

function unknownKey(path: KeyPath, key: string, value: unknown, schema: SchemaNode): Mistake {
  const full = [...path, key];
  const elsewhere = knownElsewhere(full, value);
  if (elsewhere) return { ...elsewhere, path: full, atKey: true };
  const node = schemaAt(schema, path);
  const keys = node ? Object.keys(properties(node)) : [];
  const near = nearest(key, keys);
  return {
    code: 'unknown-key',
    path: full,
    atKey: true,
    what: near === undefined ? 'unknown key' : `unknown key, did you mean ${near}?`,
    cause: `${path.length === 0 ? 'the file' : pathText(path)} may have: ${keys.join(', ')}`,
    change: near === undefined ? 'remove this key' : `write ${near} instead`,
  };
}

function badName(path: KeyPath, expected: string): Mistake {
  return { code: 'value', path, atKey: true, what: 'not a name', cause: `this must be ${expected}`, change: 'give it another name' };
}

function missing(path: KeyPath, schema: SchemaNode): Mistake {
  const node = schemaAt(schema, path);
  const key = path.at(-1);
  const examples = node?.['examples'];
  const example = Array.isArray(examples) ? inline(examples[0]) : '...';
  const parent = path.slice(0, -1);
  return {
    code: 'missing',
    path: parent,
    atKey: true,
    what: `${String(key)} is missing`,
    cause: firstSentence(node?.['description']) ?? 'it has no default',
    change: `add ${String(key)}: ${example}${parent.length === 0 ? '' : ` to ${pathText(parent)}`}`,
  };
}

function wrongValue(path: KeyPath, value: unknown, expected: string): Mistake {
  const elsewhere = knownElsewhere(path, value);
  if (elsewhere) return { ...elsewhere, path };
  return {
    code: 'value',
    path,
    what: path.length === 0 ? 'not a deployment' : 'not a possible value',
    cause: `this must be ${expected}; it is ${shown(value)}`,
    change: value === null ? 'give it a value or remove the key' : 'correct the value',
  };
}

function firstSentence(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const sentence = text.split('. ')[0]?.replace(/\.$/, '') ?? '';
  return `it is required: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`;
}

function inline(value: unknown): string {
  if (!isRecord(value)) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, one]) => `${key}: ${String(one)}`)
    .join(', ')} }`;
}

/** What stands at a path; undefined where nothing does. */
export function valueAt(value: unknown, path: KeyPath): unknown {
  let found = value;
  for (const part of path) {
    if (Array.isArray(found) && typeof part === 'number') found = found[part];
    else if (isRecord(found) && typeof part === 'string' && Object.hasOwn(found, part)) found = found[part];
    else return undefined;
  }
  return found;
}
