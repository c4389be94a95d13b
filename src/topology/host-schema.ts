import { z } from 'zod';

const CONNECT = 'local or an address such as ssh://admin@nas.local';

const text = (expected: string) => z.string({ error: expected }).min(1, { error: expected }).max(1024, { error: expected });

/** One machine. */
export const hostSchema = z
  .strictObject(
    {
      connect: text(CONNECT)
        .default('local')
        .meta({
          description:
            'How lobsterpot reaches the host. `local`: it is this machine. `ssh://[user@]host[:port]`: over ssh, with your own keys and your own ssh configuration (`ssh://nas` may be an alias there).',
          examples: ['ssh://admin@nas.local'],
        }),
      dir: text('the absolute path of a folder')
        .optional()
        .meta({
          description:
            'The folder on the host that the files of the deployment lie in; with `runtime: docker` alone. Without it: the state folder of the user.',
          examples: ['/volume1/docker/openclaw'],
        }),
      subnet: text('a network such as 10.87.16.0/20')
        .optional()
        .meta({
          description:
            'The private network, from /16 to /22, that the networks of the containers are cut from; with `runtime: docker` alone. Without it a free one is chosen at the first `up` and kept.',
          examples: ['10.87.16.0/20'],
        }),
    },
    { error: 'a map such as { connect: local }' },
  )
  .meta({ description: 'A machine that lobsterpot manages.' });
