import type { Duplex } from 'node:stream';

import * as z from 'zod/mini';

import { plainText } from '../../core/plain-text.ts';
import { Problem, reasonOf } from '../../core/problem.ts';
import { callDocker, type DockerEngine } from './engine.ts';

/** One line to inside/files.mjs. */
export type FileRequest = { readonly op: string } & Readonly<Record<string, unknown>>;

const answer = z.object({ value: z.optional(z.unknown()), error: z.optional(z.object({ code: z.string(), message: z.string() })) });

/** What came of one request. */
export type FileAnswer = z.infer<typeof answer>;

/** Code of the error that tells that the deployment's folder is not there. */
export const NO_ROOT = 'no-root';

/** Code of the error that tells that the image, without which there is no container, is not on the host. */
export const NO_IMAGE = 'no-image';

/** One container for the requests of one command: starting one for each would cost most of a second each time. */
export type FileSession = { ask(request: FileRequest): Promise<FileAnswer>; close(): Promise<void> };

const ANSWER_MS = 60_000;
/** Long enough for the next change of the same command, short enough not to hold up its end. */
const IDLE_MS = 400;
const MOST_ANSWER = 32 * 1024 ** 2;

/** `argv` gives the arguments of `docker run`; asked with true when the folder may have to be made. */
export function fileSession(engine: DockerEngine, argv: (mayMake: boolean) => readonly string[]): FileSession {
  let open: (Duplex & AsyncDisposable) | undefined;
  let idle: NodeJS.Timeout | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  const args = (request: FileRequest): readonly string[] => argv(request.op === 'makeFolder' && request['path'] === '');

  const begin = (request: FileRequest): Duplex & AsyncDisposable => {
    const stream = engine.host.pipe([...engine.docker, ...args(request)], engine.env === undefined ? {} : { env: engine.env });
    // It may end while nobody asks; the next request then begins another.
    const forget = (): void => {
      if (open === stream) open = undefined;
    };
    return stream.on('error', forget).on('close', forget);
  };

  const close = async (): Promise<void> => {
    clearTimeout(idle);
    const stream = open;
    open = undefined;
    if (!stream) return;
    stream.end();
    await stream[Symbol.asyncDispose]();
  };

  const ask = async (request: FileRequest): Promise<FileAnswer> => {
    clearTimeout(idle);
    open ??= begin(request);
    try {
      const line = await exchange(open, `${JSON.stringify(request)}\n`);
      return answer.parse(JSON.parse(line));
    } catch (error) {
      await close().catch(() => undefined);
      // A stream's end tells only its last line; the same container without anything to do tells why it cannot be had.
      const again = await callDocker(engine, args(request), { timeoutMs: ANSWER_MS, stdin: '' });
      const cause = again.code === 0 ? reasonOf(error) : plainText(again.stderr.trim(), 800);
      if (/bind source path does not exist/.test(cause)) return { error: { code: NO_ROOT, message: cause } };
      if (/no such image|unable to find image/i.test(cause)) return { error: { code: NO_IMAGE, message: cause } };
      throw new Problem('docker/files', `cannot reach the deployment's files on host ${engine.host.name}`, {
        cause,
        fix: 'look at docker there (docker info ; docker images), then run: lobsterpot up',
        from: error,
      });
    } finally {
      idle = setTimeout(() => void close().catch(() => undefined), IDLE_MS);
    }
  };

  return {
    ask: (request) => {
      const mine = turn.then(() => ask(request));
      turn = mine.catch(() => undefined);
      return mine;
    },
    close: async () => {
      await turn;
      await close();
    },
  };
}

function exchange(stream: Duplex, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const done = (act: () => void): void => {
      clearTimeout(limit);
      stream.off('data', onData).off('error', onError).off('end', onEnd);
      act();
    };
    const onError = (error: Error): void => done(() => reject(error));
    const onEnd = (): void => done(() => reject(new Error('the container ended without an answer')));
    const limit = setTimeout(() => done(() => reject(new Error(`no answer within ${ANSWER_MS / 1000} s`))), ANSWER_MS);
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      size += chunk.length;
      if (chunk.includes(10)) {
        const text = Buffer.concat(chunks).toString('utf8');
        done(() => resolve(text.slice(0, text.indexOf('\n'))));
      } else if (size > MOST_ANSWER) done(() => reject(new Error('the answer is too long')));
    };
    stream.on('data', onData).on('error', onError).on('end', onEnd);
    stream.write(line);
  });
}
