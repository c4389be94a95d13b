import { z } from 'zod';

const LINK = 'ssh-tunnel, or { type: ssh-tunnel, user, address, port }';
const VOLUME = 'a folder such as /volume1/photos:ro, or { path, readOnly }';

const text = (expected: string) => z.string({ error: expected }).min(1, { error: expected }).max(1024, { error: expected });

const kind = z.enum(['ssh-tunnel'], { error: 'ssh-tunnel' });

/** How a node reaches a gateway on another host. */
export const linkSchema = z
  .union(
    [
      kind.meta({
        description: "A tunnel of ssh that the node's host dials; account, address and port are those of `connect` of the gateway's host.",
      }),
      z
        .strictObject(
          {
            type: kind.meta({ description: "A tunnel of ssh that the node's host dials." }),
            user: text('the name of an account')
              .optional()
              .meta({
                description:
                  "The account on the gateway's host that takes the key of the link. The key opens the port of the gateway and nothing else. Without it: that of `connect` of that host.",
                examples: ['me'],
              }),
            address: text('a host name or an address')
              .optional()
              .meta({
                description:
                  "Where the gateway's host answers, as the node's host sees it: best a fixed address in your network. Without it: that of `connect` of that host; needed where that is `local`.",
                examples: ['192.168.1.10'],
              }),
            port: z
              .int({ error: 'a whole number from 1 to 65535' })
              .min(1, { error: 'a whole number from 1 to 65535' })
              .max(65_535, { error: 'a whole number from 1 to 65535' })
              .optional()
              .meta({ description: 'The port of ssh there. Without it: that of `connect` of that host, else 22.' }),
          },
          { error: LINK },
        )
        .meta({ description: 'The same, with what `connect` does not say.' }),
    ],
    { error: LINK },
  )
  .meta({
    description: "How the node reaches a gateway on another host. Without it: `ssh-tunnel`. On the gateway's own host there is none.",
  });

/** Folders of its host that a node sees. */
export const volumesSchema = z
  .array(
    z
      .union(
        [
          text(VOLUME).meta({ description: 'A folder, at the same path inside; `:ro` at its end: to be read only.' }),
          z
            .strictObject(
              {
                path: text('the absolute path of a folder').meta({
                  description: 'The absolute path of a folder on the host; it is at the same path inside.',
                  examples: ['/volume1/photos'],
                }),
                readOnly: z.boolean({ error: 'true or false' }).default(false).meta({ description: 'It can be read only.' }),
              },
              { error: '{ path, readOnly }' },
            )
            .meta({ description: 'The same in two keys.' }),
        ],
        { error: VOLUME },
      )
      .meta({ description: 'One folder of the host.' }),
    { error: 'a list of folders' },
  )
  .max(50, { error: 'at most 50 folders' })
  .default([])
  .meta({
    description: 'The folders of its host that the commands of this node see, and no others; with `runtime: docker` alone.',
  });
