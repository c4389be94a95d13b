import type { ModelReply } from './model-script.ts';

/** A reply that is a message. */
export type MessageReply = Extract<ModelReply, { kind: 'text' | 'tool' }>;

const READ = { input_tokens: 1000, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };

/** The events of one streamed Messages API answer, each ready to be written. */
export function streamOf(reply: MessageReply, ids: { readonly model: string; readonly serial: number }): readonly string[] {
  const start = {
    type: 'message_start',
    message: {
      id: `msg_lab_${ids.serial}`,
      type: 'message',
      role: 'assistant',
      model: ids.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...READ, output_tokens: 1 },
    },
  };
  const opening =
    reply.kind === 'text' ? { type: 'text', text: '' } : { type: 'tool_use', id: `toolu_lab_${ids.serial}`, name: reply.tool, input: {} };
  const delta =
    reply.kind === 'text'
      ? { type: 'text_delta', text: reply.text }
      : { type: 'input_json_delta', partial_json: JSON.stringify(reply.input) };
  const events = [
    start,
    { type: 'content_block_start', index: 0, content_block: opening },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: reply.kind === 'text' ? 'end_turn' : 'tool_use', stop_sequence: null },
      usage: { output_tokens: 20 },
    },
    { type: 'message_stop' },
  ];
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}

/** The same answer in one piece. */
export function wholeOf(reply: MessageReply, ids: { readonly model: string; readonly serial: number }): unknown {
  const content =
    reply.kind === 'text'
      ? { type: 'text', text: reply.text }
      : { type: 'tool_use', id: `toolu_lab_${ids.serial}`, name: reply.tool, input: reply.input };
  return {
    id: `msg_lab_${ids.serial}`,
    type: 'message',
    role: 'assistant',
    model: ids.model,
    content: [content],
    stop_reason: reply.kind === 'text' ? 'end_turn' : 'tool_use',
    stop_sequence: null,
    usage: { ...READ, output_tokens: 20 },
  };
}
