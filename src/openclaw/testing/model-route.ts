import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';

/** A request as the gate would see it. */
export type SeenRequest = { readonly line: string; readonly key: string; readonly stream: boolean; readonly model: string };

/** Stands for the gate's route to Anthropic: a plain server on loopback that notes what it is asked, and answers as it is told. */
export class ModelRoute {
  readonly #server: Server;
  readonly seen: SeenRequest[] = [];
  /** The message of a 429, in the place of an answer. */
  refusal: string | undefined;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<ModelRoute> {
    const server = createServer((request, response) => {
      text(request).then(
        (body) => {
          route.seen.push({
            line: `${request.method} ${request.url}`,
            key: String(request.headers['x-api-key'] ?? ''),
            stream: body.includes('"stream":true'),
            model: /"model":"([^"]*)"/.exec(body)?.[1] ?? '',
          });
          if (route.refusal !== undefined) {
            const error = { type: 'error', error: { type: 'rate_limit_error', message: route.refusal } };
            response.writeHead(429, { 'content-type': 'application/json' }).end(JSON.stringify(error));
          } else response.writeHead(200, { 'content-type': 'text/event-stream' }).end(answer());
        },
        () => response.destroy(),
      );
    });
    const route = new ModelRoute(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return route;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the route does not listen');
    return address.port;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

function answer(): string {
  const usage = { input_tokens: 10, output_tokens: 1 };
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-5',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
  };
  const events = [
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hello from behind the route' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 5 } },
    { type: 'message_stop' },
  ];
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}
