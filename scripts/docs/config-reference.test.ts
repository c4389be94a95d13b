import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type SchemaNode, alternatives, deploymentJsonSchema, node, properties } from '../../src/topology/json-schema.ts';
import { configReference } from './config-reference.ts';

suite('configReference', () => {
  const schema = deploymentJsonSchema();
  const text = configReference(schema);

  test('every key of the schema has a row, and every description is there', () => {
    for (const one of nodes(schema)) {
      for (const key of Object.keys(properties(one))) assert.ok(text.includes(`| \`${key}\` |`), key);
      const description = one['description'];
      // Names that a user chooses are explained where their map is.
      if (typeof description === 'string' && !description.endsWith('of your choice.')) assert.ok(text.includes(description), description);
    }
  });

  test('every value says what it is', () => {
    for (const one of nodes(schema)) {
      for (const [key, value] of Object.entries(properties(one)))
        assert.ok(typeof node(value)?.['description'] === 'string', `${key} has no description`);
    }
  });
});

function nodes(schema: SchemaNode): readonly SchemaNode[] {
  const inner = [...Object.values(properties(schema)), schema['additionalProperties'], schema['items'], ...alternatives(schema)];
  return [schema, ...inner.flatMap((one) => below(one))];
}

function below(value: unknown): readonly SchemaNode[] {
  const found = node(value);
  return found ? nodes(found) : [];
}
