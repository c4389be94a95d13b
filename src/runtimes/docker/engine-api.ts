import type { Duplex } from 'node:stream';

import { httpReader, type HttpAnswer } from './http-answers.ts';

/** A conversation with an engine: the questions of one command, one after the other, over one stream. */
export type EngineApi = {
  ask(method: 'GET' | 'HEAD' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<HttpAnswer>;
  /** The body of an answer that must be 200, as JSON. */
  json(path: string): Promise<unknown>;
  /** It was not ended: by an idle moment, by an error, or by its owner. */
  isOpen(): boolean;
  close(): Promise<void>;
};

const ANSWER_MS = 30_000;
/** Long enough for the next question of the same reading; who comes later calls docker. */
const IDLE_MS = 3000;

/** Over a stream of the engine's HTTP. Any failure ends it: whoever asked takes the long way. While nothing is asked it holds up no end of this process. */
export function engineApi(stream: Duplex & AsyncDisposable & { needed?(is: boolean): void }): EngineApi {
  const answers = httpReader(stream);
  let turn: Promise<unknown> = Promise.resolve();
  let isOpen = true;
  let pending = 0;
  let idle: NodeJS.Timeout | undefined;
  const close = async (): Promise<void> => {
    clearTimeout(idle);
    isOpen = false;
    await stream[Symbol.asyncDispose]();
  };
  stream.on('error', () => (isOpen = false));
  const later = (): void => {
    stream.needed?.(false);
    idle = setTimeout(() => void close().catch(() => undefined), IDLE_MS).unref();
  };
  later();

  const ask: EngineApi['ask'] = async (method, path, body) => {
    if (!isOpen) throw new Error('the conversation with the engine is over');
    clearTimeout(idle);
    stream.needed?.(true);
    pending += 1;
    const content = body === undefined ? '' : JSON.stringify(body);
    const head = [
      `${method} ${path} HTTP/1.1`,
      'Host: docker',
      ...(body === undefined ? [] : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(content)}`]),
    ];
    // Written at once: the engine answers in the order of the questions.
    stream.write(`${head.join('\r\n')}\r\n\r\n${content}`);
    const mine = turn.then(() => inTime(answers.next(method === 'HEAD')));
    turn = mine.catch(() => undefined);
    try {
      return await mine;
    } catch (error) {
      await close().catch(() => undefined);
      throw error;
    } finally {
      pending -= 1;
      if (pending === 0 && isOpen) later();
    }
  };
  return {
    ask,
    json: async (path) => {
      const { status, body } = await ask('GET', path);
      if (status !== 200) throw new Error(`the engine answered ${status}`);
      return JSON.parse(body.toString('utf8'));
    },
    isOpen: () => isOpen,
    close,
  };
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    limit = setTimeout(() => reject(new Error(`no answer within ${ANSWER_MS / 1000} s`)), ANSWER_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(limit);
  }
}
