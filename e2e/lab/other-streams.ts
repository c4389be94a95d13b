import type { ResponsesReply } from './responses-script.ts';

/** What is said, by which model, and the how-manieth answer it is. */
export type Said = { readonly text: string; readonly model: string; readonly serial: number };

const READ = 1000;
const CACHED = 200;
const WRITTEN = 20;

/** The events of one streamed answer of OpenAI's Responses API. */
export function responsesStream({ model, serial }: Said, reply: ResponsesReply): readonly string[] {
  const id = `resp_lab_${serial}`;
  const response = { id, object: 'response', created_at: 1, model };
  const usage = {
    input_tokens: READ,
    input_tokens_details: { cached_tokens: CACHED },
    output_tokens: WRITTEN,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: READ + WRITTEN,
  };
  const { events: said, done } = reply.kind === 'text' ? textEvents(reply.text, serial) : callEvents(reply, serial);
  const events: readonly Event[] = [
    { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
    ...said,
    { type: 'response.output_item.done', output_index: 0, item: done },
    { type: 'response.completed', response: { ...response, status: 'completed', output: [done], usage } },
  ];
  return events.map((event, sequence) => `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: sequence })}\n\n`);
}

type Event = { readonly type: string; readonly [field: string]: unknown };
type Events = { readonly events: readonly Event[]; readonly done: object };

function textEvents(text: string, serial: number): Events {
  const item = { id: `msg_lab_${serial}`, type: 'message', role: 'assistant' };
  const part = { type: 'output_text', text, annotations: [] };
  const at = { item_id: item.id, output_index: 0, content_index: 0 };
  return {
    events: [
      { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress', content: [] } },
      { type: 'response.content_part.added', ...at, part: { ...part, text: '' } },
      { type: 'response.output_text.delta', ...at, delta: text },
      { type: 'response.output_text.done', ...at, text },
      { type: 'response.content_part.done', ...at, part },
    ],
    done: { ...item, status: 'completed', content: [part] },
  };
}

function callEvents({ tool, input }: Extract<ResponsesReply, { kind: 'call' }>, serial: number): Events {
  const written = JSON.stringify(input);
  const item = { id: `fc_lab_${serial}`, type: 'function_call', call_id: `call_lab_${serial}`, name: tool };
  const at = { item_id: item.id, output_index: 0 };
  return {
    events: [
      { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress', arguments: '' } },
      { type: 'response.function_call_arguments.delta', ...at, delta: written },
      { type: 'response.function_call_arguments.done', ...at, arguments: written },
    ],
    done: { ...item, status: 'completed', arguments: written },
  };
}

/** The pieces of one streamed Chat Completions answer as OpenRouter gives it: the last tells the tokens and the money. */
export function completionsStream({ text, model, serial }: Said): readonly string[] {
  const common = { id: `gen-lab-${serial}`, object: 'chat.completion.chunk', created: 1, model };
  const usage = {
    prompt_tokens: READ,
    completion_tokens: WRITTEN,
    total_tokens: READ + WRITTEN,
    prompt_tokens_details: { cached_tokens: CACHED },
    cost: 0.0125,
  };
  const pieces = [
    { ...common, choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] },
    { ...common, choices: [{ index: 0, delta: { content: text }, finish_reason: null }] },
    { ...common, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    { ...common, choices: [], usage },
  ];
  return [...pieces.map((piece) => `data: ${JSON.stringify(piece)}\n\n`), 'data: [DONE]\n\n'];
}

/** The pieces of one streamed answer of Google's: each tells the tokens so far. */
export function generateStream({ text, model }: Said): readonly string[] {
  const usage = { promptTokenCount: READ, cachedContentTokenCount: CACHED, candidatesTokenCount: WRITTEN, totalTokenCount: READ + WRITTEN };
  const piece = { candidates: [{ index: 0, content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP' }], modelVersion: model };
  return [`data: ${JSON.stringify({ ...piece, usageMetadata: usage })}\r\n\r\n`];
}

/** One whole answer of OpenAI's embeddings. */
export function embeddings(model: string, inputs: number): unknown {
  const vector = Array.from({ length: 16 }, (_, at) => (at === 0 ? 1 : 0));
  const data = Array.from({ length: inputs }, (_, index) => ({ object: 'embedding', index, embedding: vector }));
  return { object: 'list', model, data, usage: { prompt_tokens: 8 * inputs, total_tokens: 8 * inputs } };
}
