import { PLAIN_PATH, run } from '../../src/hosts/run.ts';
import { localHost } from '../../src/hosts/local-host.ts';
import type { RunResult } from '../../src/hosts/host.ts';
import { swap } from './sabotage.ts';
import type { Sabotage } from './sabotage.ts';

const SPEC = 'services/gateway-main/spec.json';

/** What cannot be had by weakening one line: the inside is somewhere else altogether, or the gate does not come back. */
export const WHOLE_SABOTAGES: readonly Sabotage[] = [
  {
    name: 'the service is not contained at all',
    finds: [
      'egress.direct-public',
      'egress.dns-system',
      'egress.host-published',
      'host.processes',
      'host.namespaces',
      'host.no-new-namespaces',
      'host.syscall-filter',
      'host.no-new-privileges',
      'host.mounts',
      'host.private-files',
      'host.devices',
      'host.engine-socket',
      'host.no-exec',
    ],
    also: 'any',
    restart: [],
    proof: ({ runtime }) => ({ runtime: { ...runtime, inside: (_service, command, options) => beside([], command, options) } }),
  },
  {
    name: 'the service has all rights in its own network',
    finds: ['egress.raw-sockets'],
    also: 'any',
    restart: [],
    proof: ({ runtime }) => ({
      runtime: {
        ...runtime,
        inside: (_service, command, options) => beside(['unshare', '--user', '--map-root-user', '--net'], command, options),
      },
    }),
  },
  {
    name: 'two services share their namespaces',
    finds: ['host.apart'],
    // Inside the other one everything else is that one's too.
    also: 'any',
    restart: [],
    proof: ({ runtime }) => ({
      runtime: {
        ...runtime,
        inside: (service, command, options) => runtime.inside(service === 'node-nas' ? 'gateway-main' : service, command, options),
      },
    }),
  },
  {
    name: 'a service has a second way out',
    finds: ['recovery.gate-down', 'egress.direct-public'],
    also: 'any',
    restart: ['gateway-main'],
    weaken: ({ edit }) => edit(SPEC, (text) => swap(text, '"network": "none"', '"network": "outside"')),
    proof: () => ({ disruptive: true }),
  },
  {
    name: 'nothing brings the gate back',
    finds: ['recovery.gate-back'],
    restart: ['gate'],
    proof: ({ edit }) => ({
      disruptive: true,
      host: {
        ...localHost('this-machine'),
        run: (argv, options) => {
          if (argv[0] === 'kill') edit('services/gate/config/gate.mjs', () => 'process.exit(1)');
          return run(argv, options);
        },
      },
    }),
  },
];

/** Runs the probe on the lab's host, past every containment. */
function beside(
  prefix: readonly string[],
  command: readonly string[],
  options: { readonly stdin?: string; readonly timeoutMs: number },
): Promise<RunResult> {
  return run([...prefix, ...command.map((part) => (part === '{node}' ? process.execPath : part))], {
    ...options,
    env: { PATH: PLAIN_PATH },
  });
}
