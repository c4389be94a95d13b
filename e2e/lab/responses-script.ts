import { z } from 'zod';

/** What the stand-in of OpenAI answers with. */
export type ResponsesReply =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'call'; readonly tool: string; readonly input: Readonly<Record<string, unknown>> };

const items = z.array(z.looseObject({ type: z.string().optional(), role: z.string().optional(), output: z.unknown().optional() }));

const SEARCH = 'search your memory for ';

/** The reply to one request of the Responses API: a tool's result is told back, a search of memory is made when a person asks for it, else a greeting. */
export function responsesReplyTo(input: unknown, greeting: string): ResponsesReply {
  const parsed = items.safeParse(input);
  const all = parsed.success ? parsed.data : [];
  const trailing = all.slice(all.findLastIndex((one) => one.role === 'assistant' || one.type === 'function_call') + 1);
  const result = trailing.find((one) => one.type === 'function_call_output');
  if (result) return { kind: 'text', text: `the tool said: ${textOf(result.output)}` };
  const asked = JSON.stringify(trailing.filter((one) => one.role === 'user'));
  const query = /[\w ]+/.exec(asked.slice(asked.lastIndexOf(SEARCH) + SEARCH.length))?.[0];
  if (!asked.includes(SEARCH) || query === undefined) return { kind: 'text', text: greeting };
  // OpenClaw shows the model few of its tools, and this one, which reaches the others.
  return { kind: 'call', tool: 'tool_call', input: { id: 'memory_search', args: { query } } };
}

function textOf(output: unknown): string {
  return typeof output === 'string' ? output : JSON.stringify(output);
}
