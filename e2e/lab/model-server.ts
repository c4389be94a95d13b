import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { json, judgeKey, parseJson } from './answering.ts';
import { LAB } from './addresses.ts';
import type { Ledger } from './contact.ts';
import { DEFAULT_RULES, messagesRequest, replyTo } from './model-script.ts';
import type { ModelRule } from './model-script.ts';
import { streamOf, wholeOf } from './model-stream.ts';

const SLOW_MS = 200;

export type ModelServer = {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  setRules(rules: readonly ModelRule[]): void;
};

/** The stand-in for api.anthropic.com: the streaming Messages API, as far as the real OpenClaw uses it. */
export function modelServer(expectedKey: string, ledger: Ledger): ModelServer {
  let rules: readonly ModelRule[] = DEFAULT_RULES;
  let serial = 0;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const key = judgeKey(request.headers['x-api-key'], expectedKey);
    ledger.note({
      kind: 'request',
      to: `${LAB.model}:443`,
      method: request.method ?? '',
      path: request.url ?? '',
      host: request.headers.host ?? '',
      key,
    });
    const body = await text(request);
    if (key !== 'expected')
      return json(response, 401, { type: 'error', error: { type: 'authentication_error', message: 'invalid x-api-key' } });
    if (request.method !== 'POST' || request.url?.split('?')[0] !== '/v1/messages') {
      return json(response, 404, { type: 'error', error: { type: 'not_found_error', message: 'not found' } });
    }
    const parsed = messagesRequest.safeParse(parseJson(body));
    if (!parsed.success)
      return json(response, 400, { type: 'error', error: { type: 'invalid_request_error', message: 'not a Messages API request' } });
    serial += 1;
    const reply = replyTo(parsed.data, rules);
    if (reply.kind === 'status') return void response.writeHead(reply.status, reply.headers).end(reply.body);
    if (parsed.data.stream !== true && (reply.kind === 'text' || reply.kind === 'tool'))
      return json(response, 200, wholeOf(reply, { model: parsed.data.model, serial }));
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    const message =
      reply.kind === 'stall'
        ? ({ kind: 'text', text: '' } as const)
        : reply.kind === 'slow'
          ? ({ kind: 'text', text: reply.text } as const)
          : reply;
    for (const event of streamOf(message, { model: parsed.data.model, serial })) {
      response.write(event);
      if (reply.kind === 'stall') return;
      if (reply.kind === 'slow') await sleep(SLOW_MS);
    }
    response.end();
  };

  return {
    handle: (request, response) => {
      answer(request, response).catch(() => response.destroy());
    },
    setRules: (next) => {
      rules = [...next, ...DEFAULT_RULES];
    },
  };
}
