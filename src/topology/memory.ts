import { z } from 'zod';
import { isRecord } from '../core/json.ts';
import type { GatewayEntry } from './deployment.ts';
import type { Mistake } from './mistake.ts';
import type { GatewayInput } from './schema.ts';
import { secretRef } from './secret-ref.ts';

const SEARCH = 'true, false or { provider: openai, apiKey: { secret: NAME } }';

const search = z
  .union(
    [
      z.boolean().meta({ description: '`true`: by the provider of the model, which must be openai, and with its key.' }),
      z
        .strictObject(
          {
            provider: z
              .enum(['openai'], { error: 'openai' })
              .meta({ description: 'Who makes the vectors. Its host is added to the allow-list, for this gateway alone.' }),
            apiKey: secretRef.meta({
              description: 'The secret that holds the key of that provider.',
              examples: [{ secret: 'openai_api_key' }],
            }),
          },
          { error: SEARCH },
        )
        .meta({ description: 'By another provider than that of the model.' }),
    ],
    { error: SEARCH },
  )
  .optional()
  .meta({
    description:
      'Whether the agent finds notes in its memory files by their meaning. OpenClaw then sends the text of these files, and what is searched for, to the provider (docs/routes.md). Without it: `false`, and nothing of them is sent.',
    examples: [true],
  });

/** How the agent of one gateway remembers. */
export const memorySchema = z
  .strictObject({ search }, { error: 'a map with search' })
  .optional()
  .meta({ description: 'The memory of the agent: the notes that it keeps in its workspace.' });

/** `{ memory }` of a gateway as the file gives it, `true` spelled out; nothing where it is not searched. */
export function readMemory({ model, memory }: Pick<GatewayInput, 'model' | 'memory'>): Pick<GatewayEntry, 'memory'> {
  const asked = memory?.search ?? false;
  if (asked === false) return {};
  if (asked !== true) return { memory: { search: asked } };
  return model?.provider === 'openai' ? { memory: { search: { provider: 'openai', apiKey: model.apiKey } } } : {};
}

/**
 * A search by a model's provider that makes no vectors, and two keys for one provider. Reads the file without the schema,
 * so that all mistakes are told in one pass.
 */
export function checkMemory(file: unknown): readonly Mistake[] {
  return Object.entries(record(record(file)['gateways'])).flatMap(([gateway, entry]) => {
    const asked = record(record(entry)['memory'])['search'];
    const model = record(record(entry)['model']);
    const path = ['gateways', gateway, 'memory', 'search'];
    if (asked === true && model['provider'] !== 'openai') return [withoutVectors(path, model['provider'])];
    const { secret } = record(record(asked)['apiKey']);
    const known = record(model['apiKey'])['secret'];
    if (model['provider'] !== 'openai' || typeof secret !== 'string' || typeof known !== 'string' || secret === known) return [];
    return [twoKeys([...path, 'apiKey', 'secret'])];
  });
}

function withoutVectors(path: readonly string[], provider: unknown): Mistake {
  return {
    code: 'value',
    path,
    what:
      typeof provider === 'string'
        ? 'the provider of this model is not asked for vectors'
        : 'there is no model whose provider could be asked',
    cause: 'true takes the provider and the key of the model, and memory is searched by openai alone',
    change: 'write search: { provider: openai, apiKey: { secret: openai_api_key } }',
  };
}

function twoKeys(path: readonly string[]): Mistake {
  return {
    code: 'duplicate',
    path,
    what: 'the model has another key of openai',
    cause: 'one gateway asks one provider with one key',
    change: 'write search: true, or the name of that secret',
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
