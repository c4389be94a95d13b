import { once } from 'node:events';
import { appendFileSync, chmodSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { LAB } from '../lab/addresses.ts';
import { swap, type Sabotage } from './sabotage.ts';
import { emptyState, fillState } from './small-state.ts';

let everywhere: Server | undefined;

/** Each weakens something on the host around the services. */
export const HOST_SABOTAGES: readonly Sabotage[] = [
  {
    name: 'a secret is made readable for all',
    finds: ['secrets.files'],
    restart: [],
    weaken: ({ root }) => chmodSync(join(root, 'services/gate/secrets/anthropic_api_key'), 0o444),
  },
  {
    name: 'the state folder is opened to all',
    finds: ['host.state-folders'],
    restart: [],
    weaken: ({ root }) => chmodSync(join(root, 'services/gateway-main/state'), 0o777),
  },
  {
    name: 'a secret is written to a log',
    finds: ['secrets.rendered'],
    restart: [],
    weaken: ({ root, secrets }) => {
      const value = secrets.get('anthropic_api_key')?.reveal() ?? '';
      // Encoded: what hides it from the eye must not hide it from the check.
      appendFileSync(join(root, 'logs/gateway-main.log'), `Authorization: ${Buffer.from(value).toString('base64')}\n`);
    },
    repair: ({ root }) => truncateSync(join(root, 'logs/gateway-main.log')),
  },
  {
    name: 'a log has grown beyond its bound',
    finds: ['host.log-bounds'],
    restart: [],
    weaken: ({ root }) => truncateSync(join(root, 'logs/node-nas.log'), 10 * 1024 ** 2),
    repair: ({ root }) => truncateSync(join(root, 'logs/node-nas.log')),
  },
  {
    name: 'the limit of a state folder is lifted',
    finds: ['host.disk-watched'],
    restart: ['node-nas'],
    weaken: ({ edit }) => edit('services/node-nas/spec.json', (text) => swap(text, '"diskMiB": 20480', '"diskMiB": 40960')),
  },
  {
    name: 'the file system of a state folder is almost full',
    finds: ['host.disk-space'],
    // It mounts a file system.
    needsRoot: true,
    restart: ['node-nas'],
    weaken: ({ root }) => fillState(root, 'node-nas'),
    repair: ({ root }) => emptyState(root, 'node-nas'),
  },
  {
    name: 'the port is published on all addresses',
    finds: ['exposure.loopback-only'],
    restart: [],
    weaken: async () => {
      everywhere = createServer((socket) => socket.end()).listen(18_789, LAB.host);
      await once(everywhere, 'listening');
    },
    repair: () => {
      everywhere?.close();
    },
  },
];
