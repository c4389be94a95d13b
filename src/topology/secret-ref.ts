import { z } from 'zod';

const SECRET_SHAPE = 'the name of a secret, not its value: lower-case letters, digits, _ and -, not beginning with gateway or link';

/** `{ secret: NAME }`: the name of a secret in the place of its value. */
export const secretRef = z
  .strictObject(
    {
      secret: z
        .string({ error: SECRET_SHAPE })
        .regex(/^(?!(?:gateway|link)[-_])[a-z][a-z0-9_-]{0,63}$/, { error: SECRET_SHAPE })
        .meta({ description: 'Name of a secret set with `npx lobsterpot secrets set NAME`.', examples: ['anthropic_api_key'] }),
    },
    { error: '{ secret: NAME }' },
  )
  .meta({ description: 'A reference to a secret. The value itself never stands in this file.' });
