import { z } from 'zod';
import { type Json, isRecord } from '../core/json.ts';
import type { KeyPath } from './mistake.ts';
import { deploymentSchema } from './schema.ts';

/** The part of a JSON Schema that the messages, the reference and editors use. */
export type SchemaNode = { readonly [key: string]: Json | undefined };

/** JSON Schema (2020-12) of `lobsterpot.yaml`: lobsterpot.schema.json, which editors complete and check with. */
export function deploymentJsonSchema(): SchemaNode {
  const schema: unknown = z.toJSONSchema(deploymentSchema, { io: 'input', target: 'draft-2020-12' });
  const plain: unknown = JSON.parse(JSON.stringify(schema));
  if (!isNode(plain)) throw new TypeError('the schema of lobsterpot.yaml is not an object');
  return plain;
}

/** The schema of what stands at `path`; undefined where the file may have nothing. */
export function schemaAt(root: SchemaNode, path: KeyPath): SchemaNode | undefined {
  let found: SchemaNode | undefined = root;
  for (const part of path) {
    if (!found) return undefined;
    found = typeof part === 'number' ? node(found['items']) : (node(properties(found)[part]) ?? node(found['additionalProperties']));
  }
  return found;
}

/** The keys a map may have, by name; empty for a map whose keys the user chooses. */
export function properties(schema: SchemaNode): SchemaNode {
  const own = node(schema['properties']);
  if (own) return own;
  return Object.assign({}, ...alternatives(schema).map((one) => node(one['properties']) ?? {}));
}

/** The forms that a value may take (`anyOf`). */
export function alternatives(schema: SchemaNode): readonly SchemaNode[] {
  const list = schema['anyOf'];
  return Array.isArray(list) ? list.filter(isNode) : [];
}

/** The value as a schema node, when it is one. */
export function node(value: unknown): SchemaNode | undefined {
  return isNode(value) ? value : undefined;
}

function isNode(value: unknown): value is SchemaNode {
  return isRecord(value);
}
