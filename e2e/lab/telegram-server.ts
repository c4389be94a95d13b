import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { LAB } from './addresses.ts';
import type { Ledger } from './contact.ts';
import { TelegramInbox } from './telegram-inbox.ts';

/** A message that a person writes to the bot. */
export const telegramMessage = z.object({ from: z.number(), text: z.string() });
export type TelegramMessage = z.infer<typeof telegramMessage>;

/** A message that the bot wrote to a person. */
export type TelegramReply = { readonly to: string; readonly text: string };

export type TelegramServer = {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** Puts a direct message into the bot's updates. */
  write(message: TelegramMessage): void;
  /** What the bot has sent, oldest first. */
  sent(): readonly TelegramReply[];
};

const getUpdates = z.looseObject({ offset: z.coerce.number().optional(), timeout: z.coerce.number().optional() });
const sendMessage = z.looseObject({ chat_id: z.coerce.string(), text: z.string() });
// So a URL says it: /bot<token>/<method>.
const CALL = /^\/bot([^/]*)\/(\w+)$/;
const LONGEST_WAIT_S = 50;

type Answer = { readonly result: unknown } | { readonly status: number; readonly description: string };

/** The stand-in for api.telegram.org: the Bot API with long polling, as far as the real OpenClaw uses it. */
export function telegramServer(expectedToken: string, ledger: Ledger): TelegramServer {
  const inbox = new TelegramInbox();
  const sent: TelegramReply[] = [];
  const bot = { id: Number(expectedToken.split(':')[0]), is_bot: true, first_name: 'lab', username: 'lab_bot' };
  let serial = 0;

  const call = async (method: string, body: unknown): Promise<Answer> => {
    switch (method.toLowerCase()) {
      case 'getme':
        return { result: { ...bot, can_join_groups: false, can_read_all_group_messages: false, supports_inline_queries: false } };
      case 'getupdates': {
        const { offset, timeout } = getUpdates.parse(body);
        const updates = await inbox.take(offset ?? 0, Math.min(timeout ?? 0, LONGEST_WAIT_S) * 1000);
        return updates
          ? { result: updates }
          : {
              status: 409,
              description: 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
            };
      }
      case 'sendmessage': {
        const message = sendMessage.safeParse(body);
        if (!message.success) return { status: 400, description: 'Bad Request: message text is empty' };
        sent.push({ to: message.data.chat_id, text: message.data.text });
        serial += 1;
        const chat = { id: Number(message.data.chat_id), type: 'private', first_name: 'person' };
        return { result: { message_id: 100_000 + serial, date: seconds(), from: bot, chat, text: message.data.text } };
      }
      default:
        return { result: true };
    }
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'https://lab');
    const [, token, method = ''] = CALL.exec(url.pathname) ?? [];
    const key = token === undefined ? 'none' : isSame(decodeURIComponent(token), expectedToken) ? 'expected' : 'other';
    ledger.note({
      kind: 'request',
      to: `${LAB.telegram}:443`,
      method: request.method ?? '',
      // The token is a part of the path, and no key may be in the ledger.
      path: token === undefined ? '/' : `/bot.../${method}`,
      host: request.headers.host ?? '',
      key,
    });
    const body = await text(request);
    if (key === 'none') return send(response, { status: 404, description: 'Not Found' });
    if (key === 'other') return send(response, { status: 401, description: 'Unauthorized' });
    send(response, await call(method, { ...Object.fromEntries(url.searchParams), ...parseBody(body) }));
  };

  return {
    handle: (request, response) => {
      answer(request, response).catch(() => response.destroy());
    },
    write: ({ from, text: written }) => {
      serial += 1;
      const person = { id: from, is_bot: false, first_name: 'person' };
      inbox.put({
        message: {
          message_id: serial,
          from: person,
          chat: { id: from, type: 'private', first_name: 'person' },
          date: seconds(),
          text: written,
        },
      });
    },
    sent: () => sent,
  };
}

/** What the lab's switchboard takes for it: POST /telegram writes to the bot, GET /telegram tells what it sent. */
export function telegramRequests(server: TelegramServer): Readonly<Record<string, (body: unknown) => Promise<unknown>>> {
  return {
    'POST /telegram': async (body) => server.write(telegramMessage.parse(body)),
    'GET /telegram': async () => ({ sent: server.sent() }),
  };
}

function isSame(presented: string, expected: string): boolean {
  const [a, b] = [Buffer.from(presented), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

function parseBody(body: string): Readonly<Record<string, unknown>> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(body));
  } catch {
    return {};
  }
}

function send(response: ServerResponse, answer: Answer): void {
  const status = 'result' in answer ? 200 : answer.status;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify(
      'result' in answer ? { ok: true, result: answer.result } : { ok: false, error_code: status, description: answer.description },
    ),
  );
}
