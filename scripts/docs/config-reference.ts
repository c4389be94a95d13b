import { PRESETS_DATE, presetNames, presetRules } from '../../src/policy/presets.ts';
import { alternatives, node, properties, type SchemaNode } from '../../src/topology/json-schema.ts';

type Section = { readonly path: string; readonly schema: SchemaNode };

/** docs/config.md: every key of lobsterpot.yaml, from the schema that reads it. */
export function configReference(schema: SchemaNode): string {
  const sections = sectionsOf({ path: '', schema });
  const first = new Map<string, string>();
  return [
    '# lobsterpot.yaml',
    '',
    `<!-- Generated from src/topology/schema.ts by \`npm run golden\`. -->`,
    '',
    'One file says what runs where, and what may leave. An unknown key is an error, with its place and the nearest known key;',
    'everything that is not written has the default below. The shortest valid file:',
    '',
    '```yaml',
    'name: home',
    'hosts:',
    '  this-machine: {}',
    'gateways:',
    '  main: { host: this-machine }',
    '```',
    '',
    'An editor that knows YAML schemas completes and checks the file when its first line is:',
    '',
    '```yaml',
    '# yaml-language-server: $schema=./lobsterpot.schema.json',
    '```',
    '',
    'A value that is secret never stands in the file: it is set with `npx lobsterpot secrets set NAME` and named here.',
    '',
    ...sections.flatMap((one) => {
      const same = JSON.stringify(one.schema);
      const above = first.get(same);
      first.set(same, above ?? one.path);
      return above === undefined ? describe(one) : [heading(one.path), '', `As \`${above}\`.`, ''];
    }),
    '## Presets',
    '',
    `\`{ preset: NAME }\` stands for the hosts that a service needs, as of ${PRESETS_DATE}; all on port 443.`,
    '',
    '| preset | hosts |',
    '|---|---|',
    ...presetNames.map((name) => `| \`${name}\` | ${(presetRules(name) ?? []).map((rule) => `\`${rule.host}\``).join(', ')} |`),
    '',
  ].join('\n');
}

function heading(path: string): string {
  return `## ${path === '' ? 'The file' : `\`${path}\``}`;
}

function sectionsOf({ path, schema }: Section): readonly Section[] {
  const keys = Object.entries(properties(schema)).flatMap(([key, value]) => {
    const child = node(value);
    return child ? [{ path: path === '' ? key : `${path}.${key}`, schema: child }] : [];
  });
  const below = keys.flatMap((one) => sectionsOf(inner(one)));
  return keys.length === 0 ? below : [{ path, schema }, ...below];
}

/** A map of names or a list is documented by what its entries are. */
function inner({ path, schema }: Section): Section {
  const entries = node(schema['additionalProperties']);
  if (entries) return inner({ path: `${path}.<name>`, schema: entries });
  const items = node(schema['items']);
  return items ? inner({ path: `${path}[]`, schema: items }) : { path, schema };
}

function describe({ path, schema }: Section): readonly string[] {
  const forms = alternatives(schema);
  const head = [heading(path), '', text(schema), ''];
  if (forms.length > 0) {
    return [
      ...head,
      'It takes one of these forms:',
      '',
      ...forms.flatMap((form) => [`- ${shape(form)}: ${text(form)}`]),
      '',
      ...forms.flatMap((form) => table(form)),
    ];
  }
  return [...head, ...table(schema)];
}

function table(schema: SchemaNode): readonly string[] {
  const rows = Object.entries(properties(schema)).flatMap(([key, value]) => {
    const child = node(value);
    return child ? [`| \`${key}\` | ${shape(child)} | ${fallback(schema, key, child)} | ${text(child)} |`] : [];
  });
  if (rows.length === 0) return [];
  return ['| key | value | default | meaning |', '|---|---|---|---|', ...rows, ''];
}

function shape(schema: SchemaNode): string {
  const choices = schema['enum'];
  if (Array.isArray(choices)) return choices.map((one) => `\`${String(one)}\``).join(' or ');
  if (alternatives(schema).length > 0) return 'see below';
  switch (schema['type']) {
    case 'integer':
      return `a whole number from ${JSON.stringify(schema['minimum'])} to ${JSON.stringify(schema['maximum'])}`;
    case 'boolean':
      return '`true` or `false`';
    case 'array':
      return 'a list';
    case 'object':
      return node(schema['additionalProperties']) ? 'a map from names' : `\`{ ${Object.keys(properties(schema)).join(', ')} }\``;
    default:
      return 'text';
  }
}

function fallback(parent: SchemaNode, key: string, child: SchemaNode): string {
  const required = parent['required'];
  if (Array.isArray(required) && required.includes(key)) return 'required';
  const value = child['default'];
  if (value === undefined) return '-';
  return typeof value === 'object' ? 'empty' : `\`${String(value)}\``;
}

function text(schema: SchemaNode): string {
  const description = typeof schema['description'] === 'string' ? schema['description'] : '';
  const examples = schema['examples'];
  const example = Array.isArray(examples) && typeof examples[0] === 'string' ? ` Example: \`${examples[0]}\`.` : '';
  return `${description}${example}`;
}
