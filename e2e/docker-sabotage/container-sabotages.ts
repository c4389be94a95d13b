import { chmodSync } from 'node:fs';
import { swap } from '../sabotage/sabotage.ts';
import { emptyState, fillState } from '../sabotage/small-state.ts';
import { editCompose, GATEWAY, INGRESS, NODE, containerOf, withMore, without, type Block, type DockerSabotage } from './docker-sabotage.ts';

/** A sabotage of one line of one container: which it is does not matter unless it is said. */
function line(change: (block: Block) => Block): Pick<DockerSabotage, 'remakes' | 'weaken'> {
  return { remakes: true, weaken: (stage, service) => editCompose(stage, 'services', service, change) };
}

/** Each weakens one line of how a container is made. */
export const CONTAINER_SABOTAGES: readonly DockerSabotage[] = [
  {
    name: 'a device of the host is given',
    finds: ['docker.privileged', 'host.devices'],
    also: ['host.mounts'],
    ...line((block) => withMore(block, 'devices', '/dev/null:/dev/loop7')),
  },
  {
    name: 'the processes of the host are shared',
    finds: ['docker.namespaces', 'host.namespaces', 'host.processes'],
    // The host's processes are then seen as if they were the service's.
    also: 'any',
    on: NODE,
    ...line((block) => ({ ...block, pid: 'host' })),
  },
  {
    name: 'a capability is added',
    finds: ['docker.capabilities', 'host.capabilities'],
    ...line((block) => withMore(block, 'cap_add', 'NET_RAW')),
  },
  {
    name: 'new privileges are let in',
    finds: ['docker.security-options', 'host.no-new-privileges'],
    ...line((block) => without(block, 'security_opt')),
  },
  {
    name: "the engine's filter of system calls is off",
    finds: ['docker.security-options', 'host.syscall-filter', 'host.no-new-namespaces'],
    ...line((block) => withMore(block, 'security_opt', 'seccomp=unconfined')),
  },
  {
    name: 'the root of a container is writable',
    finds: ['docker.read-only', 'host.mounts'],
    ...line((block) => ({ ...block, read_only: false })),
  },
  {
    name: 'a scratch folder is added',
    finds: ['docker.read-only', 'host.read-only', 'host.mounts'],
    ...line((block) => withMore(block, 'tmpfs', `/var:rw,mode=0700,uid=${uidOf(block)},gid=${uidOf(block)}`)),
  },
  {
    name: 'programs may run in a scratch folder',
    finds: ['docker.read-only', 'host.no-exec', 'host.mounts'],
    ...line((block) => ({ ...block, tmpfs: list(block['tmpfs']).map((one) => one.replace('/tmp:rw,noexec', '/tmp:rw,exec')) })),
  },
  {
    name: 'a container runs as root',
    finds: ['docker.user', 'host.identity', 'host.processes'],
    // Without a capability root itself could not read what belongs to the service.
    also: ['docker.capabilities', 'host.capabilities', 'host.read-only', 'host.private-files'],
    on: NODE,
    ...line((block) => ({ ...withMore(block, 'cap_add', 'DAC_OVERRIDE', 'FOWNER'), user: '0:0' })),
  },
  {
    name: 'the docker socket is given to a container',
    finds: ['docker.mounts', 'host.engine-socket', 'host.mounts'],
    on: NODE,
    remakes: true,
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
    on: NODE,
    ...line((block) => withMore(block, 'volumes', { type: 'bind', source: '/usr/share', target: '/mnt', read_only: true })),
  },
  {
    name: "another service's state is given to a container",
    finds: ['docker.mounts', 'host.other-state'],
    wide: ['host.state-folders'],
    on: NODE,
    remakes: true,
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
    on: INGRESS,
    ...line((block) => ({ ...block, ports: ['18789:18000'] })),
  },
  {
    name: 'another resolver is given',
    finds: ['docker.resolver'],
    also: ['egress.dns-system', 'egress.dns-resolver', 'egress.host-names'],
    on: NODE,
    ...line((block) => ({ ...block, dns: ['198.51.100.53'] })),
  },
  {
    name: 'IPv6 is switched on',
    finds: ['docker.kernel-settings'],
    ...line((block) => without(block, 'sysctls')),
  },
  {
    name: 'a name for the host is added',
    finds: ['docker.resolver', 'egress.host-names'],
    on: NODE,
    ...line((block) => withMore(block, 'extra_hosts', 'host.docker.internal:host-gateway')),
  },
  {
    name: 'a container is made from another image',
    finds: ['docker.image'],
    remakes: true,
    weaken: async (stage, service) => {
      await stage.docker('commit', containerOf(service), 'another:1');
      editCompose(stage, 'services', service, (block) => ({ ...block, image: 'another:1' }));
    },
  },
  {
    name: 'the bounds of a log are taken away',
    finds: ['docker.log-bounds'],
    ...line((block) => without(block, 'logging')),
  },
  {
    name: 'a limit of processes is raised',
    finds: ['host.resource-limits'],
    ...line((block) => without(block, 'ulimits')),
  },
  {
    name: 'a container may keep more than the file says',
    finds: ['host.disk-watched'],
    on: NODE,
    remakes: true,
    weaken: ({ edit }, service) => edit(`services/${service}/spec.json`, (text) => swap(text, '"limitMiB": 20480', '"limitMiB": 40960')),
  },
  {
    name: "the file system of a container's state is almost full",
    finds: [],
    wide: ['host.disk-space'],
    on: GATEWAY,
    remakes: true,
    weaken: ({ root }, service) => fillState(root, service),
    repair: ({ root }, service) => emptyState(root, service),
  },
  {
    name: 'the restart policy is taken away',
    finds: ['docker.restart'],
    remakes: 'afterwards',
    weaken: async ({ docker }, service) => void (await docker('update', '--restart=no', containerOf(service))),
  },
  {
    name: 'the limits of a container are taken away',
    finds: ['docker.limits'],
    remakes: 'afterwards',
    weaken: async ({ docker }, service) =>
      void (await docker('update', '--memory=8g', '--memory-swap=16g', '--pids-limit=-1', containerOf(service))),
  },
];

function uidOf({ user }: Block): string {
  return String(user).split(':')[0] ?? '';
}

function list(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
