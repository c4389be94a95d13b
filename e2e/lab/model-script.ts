import { z } from 'zod';

/** What the stand-in model does when the newest user text contains `when` (letter case ignored). */
export const modelRule = z.object({
  when: z.string(),
  reply: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('text'), text: z.string() }),
    z.object({ kind: z.literal('tool'), tool: z.string(), input: z.record(z.string(), z.unknown()) }),
    // What a provider should not do: an answer of its own, or one that begins and goes no further.
    z.object({ kind: z.literal('status'), status: z.int(), headers: z.record(z.string(), z.string()), body: z.string() }),
    z.object({ kind: z.literal('stall') }),
    // A moment between the pieces.
    z.object({ kind: z.literal('slow'), text: z.string() }),
  ]),
});
export type ModelRule = z.infer<typeof modelRule>;
export type ModelReply = ModelRule['reply'];

const block = z.looseObject({ type: z.string() });
const textBlock = z.looseObject({ type: z.literal('text'), text: z.string() });
const resultBlock = z.looseObject({ type: z.literal('tool_result'), is_error: z.boolean().optional(), content: z.unknown() });

/** The part of a Messages API request that the stand-in reads. */
export const messagesRequest = z.looseObject({
  model: z.string(),
  stream: z.boolean().optional(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(block)]) })),
});
export type MessagesRequest = z.infer<typeof messagesRequest>;

export const DEFAULT_RULES: readonly ModelRule[] = [
  { when: 'run uname', reply: { kind: 'tool', tool: 'exec', input: { command: '/usr/bin/uname -n' } } },
  { when: 'run id', reply: { kind: 'tool', tool: 'exec', input: { command: '/usr/bin/id' } } },
];

/**
 * The reply to one request: a tool's result is told back as text, else the first rule that fits, else a greeting.
 * All trailing user messages are read, because OpenClaw adds one of internal context after the person's own.
 */
export function replyTo(request: MessagesRequest, rules: readonly ModelRule[]): ModelReply {
  const lastAssistant = request.messages.findLastIndex((message) => message.role !== 'user');
  const trailing = request.messages.slice(lastAssistant + 1);
  const blocks = trailing.flatMap(({ content }) => (typeof content === 'string' ? [{ type: 'text', text: content }] : content));
  for (const one of blocks) {
    const result = resultBlock.safeParse(one);
    if (result.success)
      return {
        kind: 'text',
        text: `${result.data.is_error === true ? 'the tool refused' : 'the tool said'}: ${textOf(result.data.content)}`,
      };
  }
  const text = blocks
    .map((one) => textBlock.safeParse(one))
    .map((one) => (one.success ? one.data.text : ''))
    .join('\n')
    .toLowerCase();
  return rules.find((rule) => text.includes(rule.when.toLowerCase()))?.reply ?? { kind: 'text', text: 'hello from the stand-in model' };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  const list = z.array(z.looseObject({ text: z.string().optional() })).safeParse(content);
  return list.success ? list.data.map((one) => one.text ?? '').join('\n') : '';
}
