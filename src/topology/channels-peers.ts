import { z } from 'zod';
import { PEER_NAME } from '../policy/peer.ts';
import { secretRef } from './secret-ref.ts';

const NAME = 'a name: a lower-case letter, then up to 30 lower-case letters, digits or hyphens';
const PEER_URL = 'a URL such as https://worker.example.org/a2a/v1';
const WHOLE = 'a whole number, 0 or more';
const REQUESTS = 'a map with requests';

const requests = (period: string) =>
  z
    .strictObject({ requests: z.int({ error: WHOLE }).min(0, { error: WHOLE }).meta({ description: 'Requests.' }) }, { error: REQUESTS })
    .optional()
    .meta({ description: `How often it may be asked in one ${period} of UTC.`, examples: [{ requests: 60 }] });

const peer = z
  .strictObject(
    {
      url: z
        .string({ error: PEER_URL })
        .min(1, { error: PEER_URL })
        .max(1024, { error: PEER_URL })
        .meta({
          description:
            'Where the other agent takes JSON-RPC: https, the full name of its host, the path. Its host is added to the allow-list, for this gateway alone; a host in your own network needs a rule for its address too.',
          examples: ['https://worker.example.org/a2a/v1'],
        }),
      token: secretRef.meta({
        description: 'The secret that holds the bearer token that the other agent takes. The gate alone has it.',
        examples: [{ secret: 'worker_token' }],
      }),
      budget: z
        .strictObject(
          { minute: requests('minute'), day: requests('day'), month: requests('month') },
          { error: 'a map with minute, day, month' },
        )
        .optional()
        .meta({ description: 'How often it may be asked, counted by the gate. Without it there is no limit.' }),
    },
    { error: 'a map with url and token' },
  )
  .meta({ description: 'Another agent.' });

/** Other agents that the agent of one gateway may ask. */
export const a2aSchema = z
  .strictObject(
    {
      peers: z
        .record(
          z.string().regex(PEER_NAME, { error: NAME }).meta({ description: 'A name of your choice; the agent calls it `a2a:NAME`.' }),
          peer,
          { error: 'a map from names to agents' },
        )
        .meta({ description: 'The agents that it may ask, by names of your choice.' }),
    },
    { error: 'a map with peers' },
  )
  .meta({
    description:
      'Other agents that this one may send tasks to, over A2A (docs/routes.md). It needs `credentials: route`. Nobody may ask this one by it.',
  });
