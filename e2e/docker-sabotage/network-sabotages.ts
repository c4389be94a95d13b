import { run } from '../../src/hosts/run.ts';
import { GATE } from '../../src/services/names.ts';
import { addWideNetwork, containerOf, editCompose, GATEWAY, NODE, without, withoutMount, type WholeSabotage } from './docker-sabotage.ts';
import { TARGETS, type DockerStage } from './docker-stage.ts';

const PAIR = `${NODE}.${GATE}`;
const STRANGER = 'stranger';

/** Everything out of the way that is in a network, so that Compose makes it anew. */
async function clearNetwork({ docker }: DockerStage, key: string, ...services: readonly string[]): Promise<void> {
  await docker('rm', '--force', ...services.map(containerOf));
  await docker('network', 'rm', `lobsterpot-pot.${key}`);
}

/** Each weakens one line of how the containers are joined. */
export const NETWORK_SABOTAGES: readonly WholeSabotage[] = [
  {
    name: 'a network is no longer internal',
    finds: ['docker.internal'],
    also: ['egress.neighbours', 'egress.dns-system', 'egress.dns-resolver', 'egress.host-names'],
    remake: [GATE, NODE],
    weaken: async (stage) => {
      await clearNetwork(stage, PAIR, NODE, GATE);
      editCompose(stage, 'networks', PAIR, (block) => without(block, 'internal'));
    },
    repair: (stage) => clearNetwork(stage, PAIR, NODE, GATE),
  },
  {
    name: 'the bridge of a network has an address',
    finds: ['docker.internal', 'egress.bridges', 'egress.neighbours', 'egress.direct-own-host'],
    also: ['egress.dns-system', 'egress.dns-resolver', 'egress.host-names'],
    remake: [GATE, NODE],
    weaken: async (stage) => {
      await clearNetwork(stage, PAIR, NODE, GATE);
      editCompose(stage, 'networks', PAIR, (block) => without(block, 'driver_opts'));
    },
    repair: (stage) => clearNetwork(stage, PAIR, NODE, GATE),
  },
  {
    name: 'a service gets a way out of its own',
    finds: [
      'docker.networks',
      'egress.direct-public',
      'egress.direct-hostile',
      'egress.direct-metadata',
      'egress.direct-lan',
      'egress.direct-own-host',
      'egress.other-hosts',
      'egress.neighbours',
      'egress.udp',
      'egress.dns-resolver',
    ],
    also: ['egress.bridges', 'egress.dns-system', 'egress.host-names', 'egress.other-services'],
    remake: [],
    weaken: async ({ docker }) => {
      await docker('network', 'create', 'wide-open');
      await docker('network', 'connect', 'wide-open', containerOf(NODE));
    },
    repair: async ({ docker }) => {
      await docker('network', 'disconnect', '--force', 'wide-open', containerOf(NODE));
      await docker('network', 'rm', 'wide-open');
    },
  },
  {
    name: 'a network with IPv6 is added',
    finds: ['docker.networks', 'egress.ipv6'],
    also: 'any',
    remake: [],
    weaken: async ({ docker }) => {
      await docker('network', 'create', '--ipv6', '--subnet=2001:db8:1::/64', 'six');
      await docker('network', 'connect', 'six', containerOf(NODE));
    },
    proof: () => ({ targets: { ...TARGETS, ipv6Address: '2001:db8:1::1' } }),
    repair: async ({ docker }) => {
      await docker('network', 'disconnect', '--force', 'six', containerOf(NODE));
      await docker('network', 'rm', 'six');
    },
  },
  {
    name: 'a resolver that answers is given',
    finds: ['docker.resolver', 'docker.networks', 'egress.dns-system', 'egress.dns-resolver', 'egress.neighbours'],
    also: 'any',
    remake: [NODE],
    weaken: (stage) => {
      addWideNetwork(stage, NODE);
      editCompose(stage, 'services', NODE, (block) => ({ ...withoutMount(block, '/etc/resolv.conf'), dns: ['198.51.100.53'] }));
    },
  },
  {
    name: 'a service is joined with a network that is not its own',
    finds: ['docker.networks', 'docker.members', 'egress.other-services'],
    also: ['egress.neighbours'],
    remake: [],
    weaken: async ({ docker }) => void (await docker('network', 'connect', `lobsterpot-pot.${GATEWAY}.${GATE}`, containerOf(NODE))),
    repair: async ({ docker }) =>
      void (await docker('network', 'disconnect', '--force', `lobsterpot-pot.${GATEWAY}.${GATE}`, containerOf(NODE))),
  },
  {
    name: 'a stranger joins a network',
    finds: ['docker.members'],
    also: ['egress.neighbours'],
    remake: [],
    weaken: async ({ docker }) => {
      const image = (await docker('inspect', '--format', '{{.Image}}', containerOf(NODE))).trim();
      await docker('run', '--detach', `--network=lobsterpot-pot.${PAIR}`, `--name=${STRANGER}`, '--entrypoint=/bin/sleep', image, '300');
    },
    repair: async ({ docker }) => void (await docker('rm', '--force', STRANGER)),
  },
  {
    name: 'a container has a network of its host',
    finds: ['egress.host-listener', 'egress.host-published', 'egress.abstract-socket', 'host.namespaces'],
    // Nothing of the service itself is there then.
    also: 'any',
    remake: [],
    // The launcher would find no address to listen on: only what is tried runs there.
    proof: ({ runtime, docker }) => ({
      runtime: {
        ...runtime,
        inside: async (service, command, options) => {
          if (service !== NODE) return runtime.inside(service, command, options);
          const image = (await docker('inspect', '--format', '{{.Image}}', containerOf(NODE))).trim();
          return run(
            [
              '/usr/bin/docker',
              'run',
              '--rm',
              '--interactive',
              '--network=host',
              '--entrypoint=/usr/local/bin/node',
              image,
              ...command.slice(1),
            ],
            options,
          );
        },
      },
    }),
  },
];
