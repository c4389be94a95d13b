import { z } from 'zod';
import { a2aSchema } from './channels-peers.ts';
import { secretRef } from './secret-ref.ts';

const SENDER = 'the number of a Telegram account in quotes, such as "123456" (not a @name, not *)';
const SENDERS = 'a list of at least one and at most 100 Telegram account numbers, such as ["123456"]';

const telegram = z
  .strictObject(
    {
      botToken: secretRef.meta({
        description: 'The secret that holds the token that @BotFather gave. A bot serves one gateway.',
        examples: [{ secret: 'telegram_bot_token' }],
      }),
      allowFrom: z
        .array(z.string({ error: SENDER }).regex(/^[1-9][0-9]{0,15}$/, { error: SENDER }), { error: SENDERS })
        .min(1, { error: SENDERS })
        .max(100, { error: SENDERS })
        .meta({
          description:
            'The accounts that the agent listens to, each by its number, in quotes: names can change hands. Whatever anybody else writes is dropped unread.',
          examples: [['123456']],
        }),
    },
    { error: 'a map with botToken and allowFrom' },
  )
  .meta({
    description:
      'A Telegram bot: direct messages of the listed accounts, no groups. Its host is added to the allow-list, for this gateway alone.',
  });

/** Where people may write to the agent of one gateway, and whom it may ask. */
export const channelsSchema = z
  .strictObject(
    { telegram: telegram.optional(), a2a: a2aSchema.optional() },
    { error: 'a map such as { telegram: { botToken, allowFrom } }' },
  )
  .meta({
    description:
      'Where people may write to the agent, beside the Control UI, and which other agents it may ask. Without it: nowhere, and none.',
  });
