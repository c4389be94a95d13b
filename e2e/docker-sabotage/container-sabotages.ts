import { chmodSync } from 'node:fs';
import { editCompose, GATEWAY, INGRESS, NODE, containerOf, withMore, without, type Block, type DockerSabotage } from './docker-sabotage.ts';

/** A sabotage of one line of one container. */
function of(service: string, change: (block: Block) => Block): Pick<DockerSabotage, 'remake' | 'weaken'> {
  return { remake: [service], weaken: (stage) => editCompose(stage, 'services', service, change) };
}

/** Each weakens one line of how a container is made. */
export const CONTAINER_SABOTAGES: readonly DockerSabotage[] = [
  {
    name: 'a device of the host is given',
    finds: ['docker.privileged', 'host.devices'],
    also: ['host.mounts'],
    ...of(NODE, (block) => withMore(block, 'devices', '/dev/null:/dev/loop7')),
  },
  {
    name: 'the processes of the host are shared',
    finds: ['docker.namespaces', 'host.namespaces', 'host.processes'],
    // The host's processes are then seen as if they were the service's.
    also: 'any',
    ...of(NODE, (block) => ({ ...block, pid: 'host' })),
  },
  {
    name: 'a capability is added',
    finds: ['docker.capabilities', 'host.capabilities'],
    ...of(NODE, (block) => withMore(block, 'cap_add', 'NET_RAW')),
  },
  {
    name: 'new privileges are let in',
    finds: ['docker.security-options', 'host.no-new-privileges'],
    ...of(NODE, (block) => without(block, 'security_opt')),
  },
  {
    name: "the engine's filter of system calls is off",
    finds: ['docker.security-options', 'host.syscall-filter', 'host.no-new-namespaces'],
    ...of(NODE, (block) => withMore(block, 'security_opt', 'seccomp=unconfined')),
  },
  {
    name: 'the root of a container is writable',
    finds: ['docker.read-only', 'host.mounts'],
    ...of(NODE, (block) => ({ ...block, read_only: false })),
  },
  {
    name: 'a scratch folder is added',
    finds: ['docker.read-only', 'host.read-only', 'host.mounts'],
    ...of(NODE, (block) => withMore(block, 'tmpfs', '/var:rw,mode=1777')),
  },
  {
    name: 'programs may run in a scratch folder',
    finds: ['docker.read-only', 'host.no-exec', 'host.mounts'],
    ...of(NODE, (block) => ({ ...block, tmpfs: list(block['tmpfs']).map((one) => one.replace('/tmp:rw,noexec', '/tmp:rw,exec')) })),
  },
  {
    name: 'a container runs as root',
    finds: ['docker.user', 'host.identity', 'host.processes'],
    // Without a capability root itself could not read what belongs to the service.
    also: ['docker.capabilities', 'host.capabilities', 'host.read-only', 'host.private-files'],
    ...of(NODE, (block) => ({ ...withMore(block, 'cap_add', 'DAC_OVERRIDE'), user: '0:0' })),
  },
  {
    name: 'the docker socket is given to a container',
    finds: ['docker.mounts', 'host.engine-socket', 'host.mounts'],
    remake: [NODE],
    weaken: (stage) => {
      // Whoever gives it away makes it usable too.
      chmodSync('/run/docker.sock', 0o666);
      editCompose(stage, 'services', NODE, (block) =>
        withMore(block, 'volumes', { type: 'bind', source: '/run/docker.sock', target: '/run/docker.sock' }),
      );
    },
    repair: () => chmodSync('/run/docker.sock', 0o660),
  },
  {
    name: 'a folder of the host is given to a container',
    finds: ['docker.mounts', 'host.private-files'],
    ...of(NODE, (block) => withMore(block, 'volumes', { type: 'bind', source: '/etc', target: '/mnt', read_only: true })),
  },
  {
    name: "another service's state is given to a container",
    finds: ['docker.mounts', 'host.other-state'],
    also: ['host.state-folders'],
    remake: [NODE],
    weaken: (stage) => {
      const path = `${stage.root}/services/${GATEWAY}/state`;
      chmodSync(path, 0o755);
      editCompose(stage, 'services', NODE, (block) =>
        withMore(block, 'volumes', { type: 'bind', source: path, target: path, read_only: true }),
      );
    },
  },
  {
    name: 'a port is published on every address',
    finds: ['docker.published', 'exposure.loopback-only'],
    ...of(INGRESS, (block) => ({ ...block, ports: ['18789:18000'] })),
  },
  {
    name: 'another resolver is given',
    finds: ['docker.resolver'],
    also: ['egress.dns-system', 'egress.dns-resolver', 'egress.host-names'],
    ...of(NODE, (block) => ({ ...block, dns: ['198.51.100.53'] })),
  },
  {
    name: 'IPv6 is switched on',
    finds: ['docker.kernel-settings'],
    ...of(NODE, (block) => without(block, 'sysctls')),
  },
  {
    name: 'a name for the host is added',
    finds: ['docker.resolver', 'egress.host-names'],
    ...of(NODE, (block) => withMore(block, 'extra_hosts', 'host.docker.internal:host-gateway')),
  },
  {
    name: 'a container is made from another image',
    finds: ['docker.image'],
    remake: [NODE],
    weaken: async (stage) => {
      await stage.docker('commit', containerOf(NODE), 'another:1');
      editCompose(stage, 'services', NODE, (block) => ({ ...block, image: 'another:1' }));
    },
  },
  {
    name: 'the bounds of a log are taken away',
    finds: ['docker.log-bounds'],
    ...of(NODE, (block) => without(block, 'logging')),
  },
  {
    name: 'a limit of processes is raised',
    finds: ['host.resource-limits'],
    ...of(NODE, (block) => without(block, 'ulimits')),
  },
  {
    name: 'the restart policy is taken away',
    finds: ['docker.restart'],
    remake: [],
    remakeAfter: [NODE],
    weaken: async ({ docker }) => void (await docker('update', '--restart=no', containerOf(NODE))),
  },
  {
    name: 'the limits of a container are taken away',
    finds: ['docker.limits'],
    remake: [],
    remakeAfter: [NODE],
    weaken: async ({ docker }) => void (await docker('update', '--memory=8g', '--memory-swap=16g', '--pids-limit=-1', containerOf(NODE))),
  },
];

function list(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
