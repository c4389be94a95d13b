import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { swap } from '../sabotage/sabotage.ts';
import { containerOf, editCompose, GATEWAY, INGRESS, NODE, type DockerSabotage } from './docker-sabotage.ts';
import type { DockerStage } from './docker-stage.ts';

const key = ({ secrets }: DockerStage): string => secrets.get('anthropic_api_key')?.reveal() ?? '';

/** Each shows a secret where it must not be, or runs something that must not run. */
export const SECRET_SABOTAGES: readonly DockerSabotage[] = [
  {
    name: 'a secret is put into the environment of a container',
    finds: ['secrets.inspect', 'secrets.environment', 'secrets.rendered', 'secrets.host-processes'],
    remake: [NODE],
    weaken: (stage) => editCompose(stage, 'services', NODE, (block) => ({ ...block, environment: { LEAK: key(stage) } })),
  },
  {
    name: 'a secret is put into the arguments of a program in a container',
    finds: ['secrets.arguments', 'secrets.rendered', 'secrets.host-processes'],
    remake: [NODE],
    weaken: (stage) =>
      stage.edit(`services/${NODE}/spec.json`, (text) => {
        const spec = JSON.parse(text);
        return JSON.stringify({ ...spec, launch: { ...spec.launch, command: [...spec.launch.command, key(stage)] } });
      }),
  },
  {
    name: 'a secret is said into the log of a container',
    finds: ['secrets.container-logs'],
    remake: [],
    remakeAfter: [NODE],
    weaken: async (stage) => {
      // Encoded: what hides it from the eye must not hide it from the check.
      const said = Buffer.from(key(stage)).toString('hex');
      await stage.docker('exec', containerOf(NODE), '/bin/sh', '-c', `echo 'authorization ${said}' >/proc/1/fd/1`);
    },
  },
  {
    name: 'a secret of a container is readable for all',
    finds: ['secrets.files'],
    remake: [],
    weaken: ({ root }) => chmodSync(join(root, `services/${GATEWAY}/secrets/anthropic_api_key`), 0o644),
  },
  {
    name: 'the state of a container is open to all',
    finds: ['host.state-folders'],
    remake: [],
    weaken: ({ root }) => chmodSync(join(root, `services/${GATEWAY}/state`), 0o777),
  },
  {
    name: 'a secret of another service is placed for a container',
    finds: ['secrets.not-given'],
    remake: [],
    weaken: ({ root }) => writeFileSync(join(root, `services/${NODE}/secrets/gateway_token`), 'x', { mode: 0o444 }),
    repair: ({ root }) => rmSync(join(root, `services/${NODE}/secrets/gateway_token`)),
  },
  {
    name: 'another program runs in a forwarder',
    finds: ['host.forwarder-only'],
    remake: [INGRESS],
    weaken: (stage) =>
      stage.edit(`services/${INGRESS}/spec.json`, (text) => {
        const spec = JSON.parse(swap(text, '"command": []', '"command": ["/usr/local/bin/node", "-e", "setInterval(() => {}, 1000)"]'));
        return JSON.stringify(spec);
      }),
  },
];
