import { z } from 'zod';
import { budgetSchema } from './budget.ts';
import { LEVELS, LEVELS_DATE, levelHosts } from '../policy/levels.ts';
import { channelsSchema } from './channels-schema.ts';
import { credentialsSchema } from './credentials.ts';
import { diskSchema } from './disk.ts';
import { hostSchema } from './host-schema.ts';
import { IMAGE } from './image.ts';
import { memorySchema } from './memory.ts';
import { linkSchema, volumesSchema } from './node-schema.ts';
import { containmentSchema, runtimeSchema } from './runtime-schema.ts';
import { secretRef } from './secret-ref.ts';

/** The OpenClaw versions this lobsterpot runs; the first is the default. */
export const SUPPORTED_OPENCLAW = ['2026.9.6', '2026.9.5', '2026.9.4'] as const;

/** Control UI port of the first gateway on a machine; each further one lies `GATEWAY_PORT_STEP` above. */
export const FIRST_GATEWAY_PORT = 18_789;
export const GATEWAY_PORT_STEP = 200;

const NAME_SHAPE = 'a name: a lower-case letter, then up to 30 lower-case letters, digits or hyphens';

const name = (what: string) =>
  z
    .string({ error: NAME_SHAPE })
    .regex(/^[a-z][a-z0-9-]{0,30}$/, { error: NAME_SHAPE })
    .meta({ description: what });

const model = z
  .strictObject(
    {
      provider: z
        .enum(['anthropic', 'openai', 'openrouter', 'google'], { error: 'anthropic, openai, openrouter or google' })
        .meta({ description: 'Who serves the model. Its host is added to the allow-list, for this gateway alone.' }),
      id: z
        .string({ error: 'the id of a model, without spaces' })
        .regex(/^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}$/, { error: 'the id of a model, without spaces' })
        .meta({ description: 'The model, by the name its provider gives it.', examples: ['claude-sonnet-5'] }),
      apiKey: secretRef.meta({
        description: 'The secret that holds the key of the provider.',
        examples: [{ secret: 'anthropic_api_key' }],
      }),
    },
    { error: 'a map with provider, id and apiKey' },
  )
  .meta({ description: 'The model the agent uses. Without it the gateway runs and has no model.' });

const text = (expected: string) => z.string({ error: expected }).min(1, { error: expected }).max(1024, { error: expected });

const execEntrySchema = z
  .strictObject(
    {
      path: text('the absolute path of one program').meta({
        description: 'The absolute path of one program on the node. No wildcards.',
        examples: ['/usr/bin/uname'],
      }),
      args: text('a regular expression on the arguments')
        .optional()
        .meta({
          description:
            'A regular expression that the arguments, joined by one space, must match. Begin it with `^` and end it with `$`. Without it any arguments may follow.',
          examples: ['^-n$'],
        }),
    },
    { error: '{ path, args }' },
  )
  .meta({ description: 'One program that the agent may run on this node.' });

const IMAGE_SHAPE = 'an image such as ghcr.io/openclaw/openclaw:2026.9.6';
const RULE_HOST = 'a host such as api.example.com, api.example.com:8443 or *.example.com';
const UNTIL = 'a moment such as 2026-12-31T18:00:00Z';

const egressEntrySchema = z
  .union(
    [
      text(RULE_HOST).meta({
        description:
          'A host for every client: `name`, `name:port` or `*.name` (sub-domains, not the name itself). The port is 443 where none is written.',
      }),
      z
        .strictObject(
          {
            preset: text('the name of a preset').meta({
              description: 'A named set of hosts that ships with lobsterpot.',
              examples: ['telegram'],
            }),
            client: name('Only for this gateway or node.').optional(),
          },
          { error: '{ preset, client }' },
        )
        .meta({ description: 'All hosts that a provider or a channel needs.' }),
      z
        .strictObject(
          {
            host: text(RULE_HOST).meta({ description: 'As above: `name`, `name:port` or `*.name`.', examples: ['api.example.com'] }),
            client: name('Only for this gateway or node.').optional(),
            until: z.iso.datetime({ offset: true, error: UNTIL }).optional().meta({
              description:
                'The rule ends at this moment. For "from now on, for an hour" there is `npx lobsterpot egress allow HOST --for 1h`.',
            }),
          },
          { error: '{ host, client, until }' },
        )
        .meta({ description: 'A host for one client, or for some time.' }),
    ],
    { error: `${RULE_HOST}, { preset: NAME } or { host, client, until }` },
  )
  .meta({ description: 'One rule.' });

const TRAIL_DAYS = 'a whole number of days from 1 to 3650';

const egress = z
  .strictObject(
    {
      proxy: z.enum(['gate', 'squid'], { error: 'gate or squid' }).default('gate').meta({
        description:
          'The program that everything goes out through. `gate`: ours. `squid`: Squid, in containers alone; `image` must hold it (docs/squid.md says how, and what it cannot do).',
      }),
      level: z
        .enum(LEVELS, { error: 'locked, balanced or open' })
        .default('locked')
        .meta({
          description: `\`locked\`: only what the rules below name, the model provider and the channels. \`balanced\`: also these hosts for reading, looked through on ${LEVELS_DATE}: ${levelHosts('balanced').join(', ')}. \`open\`: whatever a policy may open passes and is written down, as with \`mode: report\`; \`deny\` still denies.`,
        }),
      mode: z.enum(['enforce', 'report'], { error: 'enforce or report' }).default('enforce').meta({
        description:
          '`enforce`: what no rule names is denied. `report`: it passes and is written down, but for what `deny` names; for finding out what is needed, not for staying.',
      }),
      allow: z
        .array(egressEntrySchema, { error: 'a list of rules' })
        .max(500, { error: 'at most 500 rules' })
        .default([])
        .meta({ description: 'What may leave.' }),
      deny: z
        .array(egressEntrySchema, { error: 'a list of rules' })
        .max(500, { error: 'at most 500 rules' })
        .default([])
        .meta({ description: 'What may not leave even if a rule in `allow` names it.' }),
      ca: text('the path of a PEM file')
        .optional()
        .meta({
          description: 'A PEM file of certificate authorities to trust beside the usual ones; absolute, or relative to this file.',
          examples: ['home-ca.pem'],
        }),
      days: z
        .int({ error: TRAIL_DAYS })
        .min(1, { error: TRAIL_DAYS })
        .max(3650, { error: TRAIL_DAYS })
        .optional()
        .meta({
          description:
            "How many days the audit trail of each gate is kept. What is older is removed as the trail goes on, at most a tenth of that time late, and the trail says so. Without it only the trail's size bounds it: 160 MiB on each host, which bounds it in any case.",
          examples: [90],
        }),
    },
    { error: 'a map with level, allow, deny, mode, ca, days' },
  )
  .prefault({})
  .meta({ description: 'What may leave. Without rules nothing does, except to the model provider and the channels of a gateway.' });

const hostRef = name('The host it runs on, by its name under `hosts`.').meta({ examples: ['this-machine'] });

const gatewaySchema = z
  .strictObject(
    {
      host: hostRef,
      runtime: runtimeSchema,
      containment: containmentSchema,
      disk: diskSchema,
      port: z
        .int({ error: 'a whole number from 1024 to 65535' })
        .min(1024, { error: 'a whole number from 1024 to 65535' })
        .max(65_535, { error: 'a whole number from 1024 to 65535' })
        .optional()
        .meta({
          description: `Port of the Control UI on its host. Without it: ${FIRST_GATEWAY_PORT} for the first gateway of a host and ${GATEWAY_PORT_STEP} more for each further one.`,
        }),
      bind: text('an IP address').default('127.0.0.1').meta({
        description:
          'The one address of its host that the Control UI is published on. On any other than a loopback address it stands open to a network, without encryption.',
      }),
      model: model.optional(),
      credentials: credentialsSchema,
      budget: budgetSchema,
      memory: memorySchema,
      channels: channelsSchema.optional(),
    },
    { error: 'a map with at least host' },
  )
  .meta({ description: 'An OpenClaw gateway: the agent, its channels and the Control UI.' });

const nodeSchema = z
  .strictObject(
    {
      host: hostRef,
      runtime: runtimeSchema,
      containment: containmentSchema,
      disk: diskSchema,
      gateway: name('The gateway it serves, by its name under `gateways`.').meta({ examples: ['main'] }),
      exec: z
        .strictObject(
          {
            allow: z
              .array(execEntrySchema, { error: 'a list of programs' })
              .max(200, { error: 'at most 200 programs' })
              .default([])
              .meta({ description: 'The programs that may run, each with the arguments it may be given.' }),
          },
          { error: 'a map with allow' },
        )
        .prefault({})
        .meta({ description: 'What the agent may run on this node. Without it: nothing.' }),
      link: linkSchema.optional(),
      volumes: volumesSchema,
    },
    { error: 'a map with at least host and gateway' },
  )
  .meta({
    description:
      'An OpenClaw node host: the place where the agent may run commands. Where a gateway has one node, its agent runs everything there. Where it has several, the agent says which for each command, by the name that the node has here (`node: nas`), and each node keeps to its own list.',
  });

/** `lobsterpot.yaml` as it is written. Its descriptions are the text of docs/config.md and of the JSON Schema. */
export const deploymentSchema = z
  .strictObject(
    {
      name: name('The name of this deployment. It names the folder of its state and stands in every record.').meta({ examples: ['home'] }),
      openclaw: z
        .enum(SUPPORTED_OPENCLAW, { error: SUPPORTED_OPENCLAW.join(' or ') })
        .default(SUPPORTED_OPENCLAW[0])
        .meta({ description: 'The OpenClaw version, the same everywhere. 2026.9.4 runs gateways alone.' }),
      image: text(IMAGE_SHAPE)
        .max(512, { error: IMAGE_SHAPE })
        .regex(IMAGE, { error: IMAGE_SHAPE })
        .optional()
        .meta({
          description:
            'The image of the containers: `[registry/]name[:tag][@sha256:...]`, or the `sha256:...` of one that is on the hosts. It must hold the OpenClaw version above. Without it: `ghcr.io/openclaw/openclaw` with that version.',
          examples: ['ghcr.io/openclaw/openclaw:2026.9.6'],
        }),
      hosts: z
        .record(name('A host name of your choice.'), hostSchema, { error: 'a map from names to hosts' })
        .meta({ description: 'The machines, by names of your choice.' }),
      gateways: z
        .record(name('A gateway name of your choice.'), gatewaySchema, { error: 'a map from names to gateways' })
        .meta({ description: 'The gateways, by names of your choice.' }),
      nodes: z
        .record(name('A node name of your choice.'), nodeSchema, { error: 'a map from names to nodes' })
        .prefault({})
        .meta({ description: 'The node hosts, by names of your choice.' }),
      egress,
    },
    { error: 'a map with at least name, hosts and gateways' },
  )
  .meta({ title: 'lobsterpot.yaml', description: 'What runs where, and what may leave.' });

export type DeploymentInput = z.output<typeof deploymentSchema>;
export type HostInput = z.output<typeof hostSchema>;
export type GatewayInput = z.output<typeof gatewaySchema>;
export type NodeInput = z.output<typeof nodeSchema>;
