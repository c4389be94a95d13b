import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Page } from 'playwright-core';

/** A page of somebody else on this machine: another port, and any name that leads here, so another origin. */
export async function foreignPage(): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>somebody else</title>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What the gateway answers to a script of the open page that sends `frame` over a WebSocket: `in`, or its refusal. */
export function knock(page: Page, gateway: string, frame: string): Promise<string> {
  return page.evaluate(
    ({ url, text }) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(url);
        socket.addEventListener('message', ({ data }) => {
          const answer = JSON.parse(String(data));
          if (answer.event === 'connect.challenge') socket.send(text);
          else resolve(answer.ok === true ? 'in' : `refused: ${answer.error?.message}`);
        });
        socket.addEventListener('close', ({ code, reason }) => resolve(`closed: ${code} ${reason}`));
        setTimeout(() => resolve('no answer'), 10_000);
      }),
    { url: gateway, text: frame },
  );
}
