import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { UsageDialect } from '../provider.ts';
import { UsageReader } from './usage-reader.ts';

const SSE = 'text/event-stream; charset=utf-8';
const sse = (...events: readonly object[]): string => events.map((one) => `event: x\r\ndata: ${JSON.stringify(one)}\r\n\r\n`).join('');

function read(dialect: UsageDialect, type: string, text: string, cuts: readonly number[] = []) {
  const reader = new UsageReader(dialect, type);
  const bytes = Buffer.from(text);
  let from = 0;
  for (const cut of [...cuts.map((one) => one % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]) {
    reader.feed(bytes.subarray(from, cut));
    from = cut;
  }
  return reader.end();
}

const START = {
  type: 'message_start',
  message: {
    model: 'claude-sonnet-5',
    usage: { input_tokens: 10, cache_read_input_tokens: 3, cache_creation_input_tokens: 2, output_tokens: 1 },
  },
};
const DELTA = { type: 'content_block_delta', delta: { text: 'data: {"usage": 7}\n' } };
const END = { type: 'message_delta', usage: { output_tokens: 25 } };

const ANSWERS: readonly (readonly [situation: string, dialect: UsageDialect, type: string, text: string, expected: object | undefined])[] =
  [
    [
      'anthropic, streamed',
      'anthropic',
      SSE,
      sse(START, DELTA, END),
      { model: 'claude-sonnet-5', input: 10, cacheRead: 3, cacheWrite: 2, output: 25, isFinal: true },
    ],
    [
      'anthropic, broken off',
      'anthropic',
      SSE,
      sse(START, DELTA),
      { model: 'claude-sonnet-5', input: 10, cacheRead: 3, cacheWrite: 2, output: 1, isFinal: false },
    ],
    [
      'anthropic, whole',
      'anthropic',
      'application/json',
      JSON.stringify({ type: 'message', model: 'm', usage: { input_tokens: 4, output_tokens: 5 } }),
      { model: 'm', input: 4, cacheRead: 0, cacheWrite: 0, output: 5, isFinal: true },
    ],
    [
      'openai responses',
      'openai',
      SSE,
      sse(
        { type: 'response.created' },
        {
          type: 'response.completed',
          response: { model: 'gpt-5.5', usage: { input_tokens: 10, input_tokens_details: { cached_tokens: 4 }, output_tokens: 6 } },
        },
      ),
      { model: 'gpt-5.5', input: 6, cacheRead: 4, cacheWrite: 0, output: 6, isFinal: true },
    ],
    [
      'openai embeddings',
      'openai',
      'application/json',
      JSON.stringify({ model: 'e', usage: { prompt_tokens: 9, total_tokens: 9 } }),
      { model: 'e', input: 9, cacheRead: 0, cacheWrite: 0, output: 0, isFinal: true },
    ],
    [
      'openrouter',
      'openai',
      SSE,
      `${sse({ choices: [1] }, { model: 'a/b', choices: [], usage: { prompt_tokens: 7, completion_tokens: 2, cost: 0.25 } })}data: [DONE]\n\n`,
      { model: 'a/b', input: 7, cacheRead: 0, cacheWrite: 0, output: 2, usd: 0.25, isFinal: true },
    ],
    [
      'google: the last one counts',
      'google',
      SSE,
      sse(
        { usageMetadata: { promptTokenCount: 5 } },
        {
          modelVersion: 'g',
          usageMetadata: { promptTokenCount: 5, cachedContentTokenCount: 1, candidatesTokenCount: 3, thoughtsTokenCount: 2 },
        },
      ),
      { model: 'g', input: 4, cacheRead: 1, cacheWrite: 0, output: 5, isFinal: true },
    ],
    ['an error', 'anthropic', 'application/json', JSON.stringify({ type: 'error' }), undefined],
    ['no JSON at all', 'openai', 'text/html', '<usage>', undefined],
    [
      'numbers that are none',
      'openai',
      'application/json',
      JSON.stringify({ usage: { input_tokens: -5, output_tokens: '7' } }),
      { model: '', input: 0, cacheRead: 0, cacheWrite: 0, output: 0, isFinal: true },
    ],
    ['requests alone', 'requests', 'application/json', JSON.stringify({ usage: { input_tokens: 5 } }), undefined],
    ['nothing that is charged for', 'none', 'application/json', JSON.stringify({ usage: { input_tokens: 5 } }), undefined],
  ];

for (const [situation, dialect, type, text, expected] of ANSWERS) {
  test(`UsageReader: ${situation} -> ${expected ? 'counted' : 'nothing'}, in any pieces`, () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2000), { maxLength: 8 }), (cuts) => assert.deepEqual(read(dialect, type, text, cuts), expected)),
      { numRuns: 50 },
    );
  });
}

test('UsageReader: lines and bodies without an end -> little is kept, and what comes after is read', () => {
  const long = `data: {"usage": "${'x'.repeat(5 * 1024 * 1024)}"}\n`;
  assert.equal(read('anthropic', SSE, long + sse(START, END))?.output, 25);
  assert.equal(read('anthropic', 'application/json', 'x'.repeat(9 * 1024 * 1024)), undefined);
});

test('UsageReader: any bytes -> no exception', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<UsageDialect>('anthropic', 'openai', 'google'),
      fc.boolean(),
      fc.jsonValue(),
      fc.string(),
      (dialect, isStream, value, tail) => {
        const text = JSON.stringify({ usage: value, message: value, response: value, usageMetadata: value, model: value });
        const usage = read(dialect, isStream ? SSE : '', isStream ? `data: ${text}\n${tail}` : text);
        if (usage)
          for (const key of ['input', 'output', 'cacheRead', 'cacheWrite'] as const)
            assert.ok(Number.isSafeInteger(usage[key]) && usage[key] >= 0);
      },
    ),
  );
});
