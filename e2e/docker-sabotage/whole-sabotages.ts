import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GATE } from '../../src/services/names.ts';
import { GATEWAY, type WholeSabotage } from './docker-sabotage.ts';

/** What is shown by other means than one line of a container. */
export const DOCKER_WHOLE_SABOTAGES: readonly WholeSabotage[] = [
  {
    name: 'the gate in its container lets everything pass',
    finds: ['egress.denied-name', 'egress.by-address', 'egress.gate-lan', 'egress.gate-metadata', 'egress.look-alikes'],
    also: 'any',
    remake: [GATE],
    weaken: ({ edit }) =>
      edit(`services/${GATE}/config/gate.mjs`, () => readFileSync(join(import.meta.dirname, '../sabotage/open-proxy.mjs'), 'utf8')),
  },
  {
    name: 'the control of the gate is given to a container',
    finds: ['egress.gate-control'],
    also: 'any',
    remake: [GATE],
    weaken: ({ edit }) =>
      edit(`services/${GATE}/config/gate.json`, (text) => {
        const settings = JSON.parse(text);
        const [control, first, ...rest] = settings.listeners;
        return JSON.stringify({ ...settings, listeners: [{ ...control, fd: first.fd }, { ...first, fd: control.fd }, ...rest] });
      }),
  },
  {
    name: 'the inside of one container is that of another',
    finds: ['host.apart', 'host.control-sockets'],
    // Inside the gate everything else is the gate's too.
    also: 'any',
    remake: [],
    proof: ({ runtime }) => ({
      runtime: {
        ...runtime,
        inside: (service, command, options) => runtime.inside(service === GATEWAY ? GATE : service, command, options),
      },
    }),
  },
];
