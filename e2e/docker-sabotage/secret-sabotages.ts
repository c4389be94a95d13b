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
    finds: ['secrets.environment'],
    wide: ['secrets.inspect', 'secrets.rendered', 'secrets.host-processes'],
    remakes: true,
    weaken: (stage, service) => editCompose(stage, 'services', service, (block) => ({ ...block, environment: { LEAK: key(stage) } })),
  },
  {
    name: 'a secret is put into the arguments of a program in a container',
    finds: ['secrets.arguments'],
    wide: ['secrets.rendered', 'secrets.host-processes'],
    on: NODE,
    remakes: true,
    weaken: (stage) =>
      stage.edit(`services/${NODE}/spec.json`, (text) => {
        const spec = JSON.parse(text);
        return JSON.stringify({ ...spec, launch: { ...spec.launch, command: [...spec.launch.command, key(stage)] } });
      }),
  },
  {
    name: 'a secret is said into the log of a container',
    finds: [],
    wide: ['secrets.container-logs'],
    remakes: 'afterwards',
    weaken: async (stage, service) => {
      // Encoded: what hides it from the eye must not hide it from the check.
      const said = Buffer.from(key(stage)).toString('hex');
      await stage.docker('exec', containerOf(service), '/bin/sh', '-c', `echo 'authorization ${said}' >/proc/1/fd/1`);
    },
  },
  {
    name: 'a secret of a container is readable for all',
    finds: [],
    wide: ['secrets.files'],
    on: GATEWAY,
    weaken: ({ root }) => chmodSync(join(root, `services/${GATEWAY}/secrets/anthropic_api_key`), 0o644),
  },
  {
    name: 'the state of a container is open to all',
    finds: [],
    wide: ['host.state-folders'],
    weaken: ({ root }, service) => chmodSync(join(root, `services/${service}/state`), 0o777),
  },
  {
    name: 'a secret of another service is placed for a container',
    finds: ['secrets.not-given'],
    weaken: ({ root }, service) => writeFileSync(join(root, `services/${service}/secrets/strange`), 'x', { mode: 0o444 }),
    repair: ({ root }, service) => rmSync(join(root, `services/${service}/secrets/strange`)),
  },
  {
    name: 'a secret that the gateway is not given lies in the state of its container',
    finds: ['secrets.held-elsewhere'],
    on: GATEWAY,
    weaken: ({ root, secrets }) => {
      const value = secrets.get('link-nas-key')?.reveal() ?? '';
      writeFileSync(join(root, `services/${GATEWAY}/state/notes.txt`), `x${value}`, { mode: 0o444 });
    },
    repair: ({ root }) => rmSync(join(root, `services/${GATEWAY}/state/notes.txt`)),
  },
  {
    name: 'another program runs in a forwarder',
    finds: ['host.forwarder-only'],
    on: INGRESS,
    remakes: true,
    weaken: (stage) =>
      stage.edit(`services/${INGRESS}/spec.json`, (text) => {
        const spec = JSON.parse(swap(text, '"command": []', '"command": ["/usr/local/bin/node", "-e", "setInterval(() => {}, 1000)"]'));
        return JSON.stringify(spec);
      }),
  },
];
