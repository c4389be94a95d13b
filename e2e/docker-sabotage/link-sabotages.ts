import { readFileSync, writeFileSync } from 'node:fs';
import { swap } from '../sabotage/sabotage.ts';
import { LINK, type WholeSabotage } from './docker-sabotage.ts';
import type { DockerStage } from './docker-stage.ts';

/** Changes the line of the link's key in the account of the gateway's host. */
function editLine({ authorizedKeys }: DockerStage, from: string | RegExp, to: string): void {
  writeFileSync(authorizedKeys, swap(readFileSync(authorizedKeys, 'utf8'), from, to));
}

/** Each weakens one option of the link's line, on a real sshd, or of its client. */
export const LINK_SABOTAGES: readonly WholeSabotage[] = [
  {
    name: "the link's line names another port",
    finds: ['link.forward'],
    remake: [],
    weaken: (stage) => editLine(stage, 'permitopen="127.0.0.1:18789"', 'permitopen="127.0.0.1:9"'),
  },
  {
    name: "the link's key may run commands",
    finds: ['link.exec'],
    // Without a command of its own a client's -R ends in another way.
    also: ['link.reverse'],
    remake: [],
    weaken: (stage) => editLine(stage, ',command="/bin/false"', ''),
  },
  {
    name: "the link's key may reach everything",
    finds: ['link.elsewhere'],
    remake: [],
    weaken: (stage) => editLine(stage, 'permitopen="127.0.0.1:18789",', ''),
  },
  {
    name: "the link's key may open ports",
    finds: ['link.reverse'],
    remake: [],
    weaken: (stage) => editLine(stage, 'permitlisten="127.0.0.1:1",', ''),
  },
  {
    name: 'the link believes every host',
    finds: ['link.host-key'],
    remake: [],
    proof: ({ services }) => ({
      services: services.map((one) =>
        one.name === LINK
          ? { ...one, command: one.command.map((part) => (part === 'StrictHostKeyChecking=yes' ? 'StrictHostKeyChecking=no' : part)) }
          : one,
      ),
    }),
    also: ['docker.image', 'docker.mounts', 'docker.networks'],
  },
];
