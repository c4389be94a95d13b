import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { json, judgeKey, parseJson } from './answering.ts';
import { LAB } from './addresses.ts';
import type { Ledger } from './contact.ts';
import { completionsStream, embeddings, generateStream, responsesStream } from './other-streams.ts';
import { responsesReplyTo } from './responses-script.ts';
import { OTHER_HOSTS, type OtherProvider, providerKey } from './provider-keys.ts';

const asked = z.looseObject({ model: z.string().optional(), input: z.unknown().optional(), stream: z.boolean().optional() });
type Asked = z.infer<typeof asked>;

type Answer = { readonly events: readonly string[] } | { readonly whole: unknown };

const GENERATE = /^\/v1beta\/models\/([^/:]+):streamGenerateContent\?alt=sse$/;

/** The stand-ins for OpenAI, OpenRouter and Google: each says hello in its own dialect to whoever has its key. */
export function otherModels(modelKey: string, ledger: Ledger): RequestListener {
  let serial = 0;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const provider = providerAt(request.headers.host);
    const key = provider === undefined ? 'none' : judgeKey(presented(provider, request), providerKey(provider, modelKey));
    const { method = '', url: path = '' } = request;
    ledger.note({ kind: 'request', to: `${LAB.otherModels}:443`, method, path, host: request.headers.host ?? '', key });
    const body = asked.safeParse(parseJson(await text(request)));
    if (provider === undefined || key !== 'expected') return json(response, 401, { error: { message: 'no such key', code: 401 } });
    serial += 1;
    const said = method === 'POST' && body.success ? answerOf(provider, path, body.data, serial) : undefined;
    if (!said) return json(response, 404, { error: { message: 'not found', code: 404 } });
    if ('whole' in said) return json(response, 200, said.whole);
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    for (const event of said.events) response.write(event);
    response.end();
  };

  return (request, response) => {
    answer(request, response).catch(() => response.destroy());
  };
}

function answerOf(provider: OtherProvider, path: string, body: Asked, serial: number): Answer | undefined {
  const said = { text: `hello from the stand-in of ${provider}`, model: body.model ?? '', serial };
  switch (provider) {
    case 'openai':
      if (path === '/v1/embeddings') return { whole: embeddings(said.model, Array.isArray(body.input) ? body.input.length : 1) };
      if (path !== '/v1/responses' || body.stream !== true) return undefined;
      return { events: responsesStream(said, responsesReplyTo(body.input, said.text)) };
    case 'openrouter':
      return path === '/api/v1/chat/completions' && body.stream === true ? { events: completionsStream(said) } : undefined;
    case 'google': {
      const model = GENERATE.exec(path)?.[1];
      return model === undefined ? undefined : { events: generateStream({ ...said, model }) };
    }
  }
}

function providerAt(host: string | undefined): OtherProvider | undefined {
  const names = ['openai', 'openrouter', 'google'] as const;
  return names.find((name) => OTHER_HOSTS[name] === host);
}

function presented(provider: OtherProvider, { headers }: IncomingMessage): string | readonly string[] | undefined {
  return provider === 'google' ? headers['x-goog-api-key'] : headers.authorization?.replace(/^Bearer /, '');
}
