import { isRecord } from '../../../core/json.ts';
import type { UsageDialect } from '../provider.ts';
import { type Usage, count } from './usage.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What one event of a stream, or one whole answer, adds to what is known; undefined when it tells nothing. */
export type ReadUsage = (event: Fields, before: Usage) => Usage | undefined;

/** How each provider tells it (shapes that OpenClaw reads too). */
export const DIALECTS: Readonly<Record<UsageDialect, ReadUsage>> = { anthropic, openai, google, requests: nothing, none: nothing };

function nothing(): undefined {
  return undefined;
}

function record(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

function modelOf(value: unknown, before: Usage): string {
  return typeof value === 'string' && value !== '' ? value.slice(0, 128) : before.model;
}

/** `message_start` tells what was read, `message_delta` at the end what was written; a whole answer tells both. */
function anthropic(event: Fields, before: Usage): Usage | undefined {
  const message = record(event['message']);
  const usage = record(message['usage'] ?? event['usage']);
  if (Object.keys(usage).length === 0) return undefined;
  const more = (key: string, known: number): number => Math.max(known, count(usage[key]));
  return {
    model: modelOf(message['model'] ?? event['model'], before),
    input: more('input_tokens', before.input),
    cacheRead: more('cache_read_input_tokens', before.cacheRead),
    cacheWrite: more('cache_creation_input_tokens', before.cacheWrite),
    output: more('output_tokens', before.output),
    isFinal: event['type'] !== 'message_start',
  };
}

/** Responses, Chat Completions and embeddings: once, at the end; what came from the cache is a part of what was read. */
function openai(event: Fields, before: Usage): Usage | undefined {
  const response = record(event['response']);
  const usage = record(response['usage'] ?? event['usage']);
  if (Object.keys(usage).length === 0) return undefined;
  const input = count(usage['input_tokens'] ?? usage['prompt_tokens']);
  const details = record(usage['input_tokens_details'] ?? usage['prompt_tokens_details']);
  const cacheRead = Math.min(input, count(details['cached_tokens']));
  const { cost } = usage;
  return {
    model: modelOf(response['model'] ?? event['model'], before),
    input: input - cacheRead,
    cacheRead,
    cacheWrite: 0,
    output: count(usage['output_tokens'] ?? usage['completion_tokens']),
    ...(typeof cost === 'number' && Number.isFinite(cost) && cost >= 0 ? { usd: cost } : {}),
    isFinal: true,
  };
}

/** With every piece, the last one counts. */
function google(event: Fields, before: Usage): Usage | undefined {
  const usage = record(event['usageMetadata']);
  if (Object.keys(usage).length === 0) return undefined;
  const input = count(usage['promptTokenCount']);
  const cacheRead = Math.min(input, count(usage['cachedContentTokenCount']));
  return {
    model: modelOf(event['modelVersion'], before),
    input: input - cacheRead,
    cacheRead,
    cacheWrite: 0,
    output: count(usage['candidatesTokenCount']) + count(usage['thoughtsTokenCount']),
    isFinal: true,
  };
}
