import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type IncomingMessage, type RequestListener, type ServerResponse, request as ask } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { json, judgeKey, parseJson } from './answering.ts';
import { LAB } from './addresses.ts';
import type { Ledger } from './contact.ts';

/** The token that the other agent takes: another one in each lab, and known to whoever knows the key of the model. */
export function peerToken(modelKey: string): string {
  return createHash('sha256').update(`peer ${modelKey}`).digest('hex').slice(0, 48);
}

/** The socket behind which a real agent answers in the place of the stand-in, once it is there. */
export function peerSocket(folder: string): string {
  return join(folder, 'peer.sock');
}

const called = z.looseObject({ method: z.string(), id: z.unknown() });
const BETWEEN_MS = 300;

/** Another agent that takes A2A: the real one behind its socket, else a stand-in that says hello. What is asked for as a stream, comes as one. */
export function peerSite(modelKey: string, folder: string, ledger: Ledger): RequestListener {
  const expected = `Bearer ${peerToken(modelKey)}`;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const key = judgeKey(request.headers.authorization, expected);
    const { method = '', url: path = '' } = request;
    ledger.note({ kind: 'request', to: `${LAB.peer}:443`, method, path, host: request.headers.host ?? '', key });
    const body = await text(request);
    const call = called.safeParse(parseJson(body)).data;
    if (call?.method === 'SendStreamingMessage') return await stream(response, call.id);
    if (existsSync(peerSocket(folder))) return forward(folder, request, body, response);
    if (key !== 'expected') return json(response, 401, { error: 'Unauthorized' });
    if (method === 'GET') return json(response, 200, { name: 'stand-in', skills: [] });
    json(response, 200, { jsonrpc: '2.0', id: call?.id ?? null, result: { task: taskOf('TASK_STATE_COMPLETED') } });
  };

  return (request, response) => {
    answer(request, response).catch(() => response.destroy());
  };
}

function taskOf(state: string): unknown {
  return { id: 't1', status: { state }, artifacts: [{ parts: [{ text: 'hello from the stand-in agent' }] }] };
}

async function stream(response: ServerResponse, id: unknown): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const state of ['TASK_STATE_WORKING', 'TASK_STATE_COMPLETED']) {
    response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result: { task: taskOf(state) } })}\n\n`);
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
  }
  response.end();
}

function forward(folder: string, { method, url, headers }: IncomingMessage, body: string, response: ServerResponse): void {
  const { authorization, 'content-type': type, host } = headers;
  const passed = {
    host,
    ...(authorization === undefined ? {} : { authorization }),
    ...(type === undefined ? {} : { 'content-type': type }),
  };
  const asked = ask({ socketPath: peerSocket(folder), method, path: url, headers: passed, timeout: 90_000 }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, { 'content-type': answer.headers['content-type'] ?? 'text/plain' });
    answer.pipe(response);
  });
  asked.once('timeout', () => asked.destroy());
  asked.once('error', () => response.destroy());
  asked.end(body);
}
