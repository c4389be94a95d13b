import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { LedgerEntry } from './contact.ts';
import type { ModelRule } from './model-script.ts';
import type { TelegramMessage, TelegramReply } from './telegram-server.ts';
import type { Answer } from './zone.ts';

export type LedgerReading = { readonly entries: readonly LedgerEntry[]; readonly packets: number; readonly pings: number };

export type LabClient = {
  readonly folder: string;
  /** PEM of the authority that all stand-ins are certified by. */
  readonly ca: string;
  readonly caFile: string;
  /** File holding the key that the stand-in model expects; made anew for each lab. */
  readonly modelKeyFile: string;
  /** Likewise the token that the stand-in Telegram expects. */
  readonly telegramTokenFile: string;
  /** What reached the internet after entry `since`. */
  ledger(since?: number): Promise<LedgerReading>;
  /** Rules that go before the default ones. */
  setRules(rules: readonly ModelRule[]): Promise<void>;
  setName(name: string, answer: Answer): Promise<void>;
  /** A person writes to the bot. */
  writeToBot(message: TelegramMessage): Promise<void>;
  /** What the bot has sent, oldest first. */
  sentByBot(): Promise<readonly TelegramReply[]>;
};

const sentAnswer = z.object({ sent: z.array(z.object({ to: z.string(), text: z.string() })) });

/** The lab around this process; undefined outside of one. */
export function currentLab(env: NodeJS.ProcessEnv = process.env): LabClient | undefined {
  const folder = env['LOBSTERPOT_LAB'];
  if (folder === undefined) return undefined;
  return {
    folder,
    ca: readFileSync(join(folder, 'ca.pem'), 'utf8'),
    caFile: join(folder, 'ca.pem'),
    modelKeyFile: join(folder, 'model-key'),
    telegramTokenFile: join(folder, 'telegram-token'),
    ledger: async (since = 0) => JSON.parse(await askLab(folder, 'GET', `/ledger?since=${since}`)),
    setRules: async (rules) => {
      await askLab(folder, 'POST', '/rules', rules);
    },
    setName: async (name, answer) => {
      await askLab(folder, 'POST', '/zone', { name, answer });
    },
    writeToBot: async (message) => {
      await askLab(folder, 'POST', '/telegram', message);
    },
    sentByBot: async () => sentAnswer.parse(JSON.parse(await askLab(folder, 'GET', '/telegram'))).sent,
  };
}

/** One request to the switchboard of the lab in `folder`. */
export function askLab(folder: string, method: string, path: string, body?: unknown): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: join(folder, 'admin.sock'), method, path, timeout: 5000 }, (response) => {
      text(response).then((answer) => (response.statusCode === 200 ? resolve(answer) : reject(new Error(`lab: ${answer}`))), reject);
    });
    asked.once('timeout', () => asked.destroy(new Error('lab: no answer in 5 s')));
    asked.once('error', reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
