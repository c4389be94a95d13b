import { z } from 'zod';

const AMOUNT = 'a number, 0 or more';
const WHOLE = 'a whole number, 0 or more';

const limits = (period: string) =>
  z
    .strictObject(
      {
        usd: z.number({ error: AMOUNT }).min(0, { error: AMOUNT }).max(1e6, { error: AMOUNT }).optional().meta({ description: 'Dollars.' }),
        tokens: z
          .int({ error: WHOLE })
          .min(0, { error: WHOLE })
          .optional()
          .meta({ description: 'Tokens read and written, those from a cache too.' }),
        requests: z.int({ error: WHOLE }).min(0, { error: WHOLE }).optional().meta({ description: 'Requests.' }),
      },
      { error: 'a map with usd, tokens, requests' },
    )
    .optional()
    .meta({ description: `What may be used in one ${period} of UTC.`, examples: [{ usd: 5 }] });

const minute = z
  .strictObject(
    { requests: z.int({ error: WHOLE }).min(0, { error: WHOLE }).optional().meta({ description: 'Requests.' }) },
    { error: 'a map with requests' },
  )
  .optional()
  .meta({ description: 'What may be asked in one minute of UTC.', examples: [{ requests: 60 }] });

const price = z
  .strictObject(
    {
      input: z.number({ error: AMOUNT }).min(0, { error: AMOUNT }).meta({ description: 'Dollars for a million tokens that are read.' }),
      output: z.number({ error: AMOUNT }).min(0, { error: AMOUNT }).meta({ description: 'Dollars for a million tokens that are written.' }),
      cacheRead: z
        .number({ error: AMOUNT })
        .min(0, { error: AMOUNT })
        .optional()
        .meta({ description: 'For those read from a cache. Without it 0.' }),
      cacheWrite: z
        .number({ error: AMOUNT })
        .min(0, { error: AMOUNT })
        .optional()
        .meta({ description: 'For those put into a cache. Without it as `input`.' }),
    },
    { error: 'a map with input and output' },
  )
  .meta({ description: 'The price of one model.' });

/** What a gateway may use of its model. */
export const budgetSchema = z
  .strictObject(
    {
      minute,
      day: limits('day'),
      month: limits('month'),
      prices: z
        .record(z.string().min(1).max(128).meta({ description: 'The name of a model, or how the names of several begin.' }), price, {
          error: 'a map from models to prices',
        })
        .optional()
        .meta({ description: 'Prices that count in the place of those that lobsterpot knows (docs/routes.md).' }),
    },
    { error: 'a map with minute, day, month, prices' },
  )
  .optional()
  .meta({
    description:
      'What this gateway may use of its model, counted by the gate from what the provider says of each answer; beyond it the gate asks no more. It needs `credentials: route`. Without it nothing is limited.',
  });
