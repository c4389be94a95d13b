import { chmodSync, chownSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { swap } from './sabotage.ts';
import type { Sabotage } from './sabotage.ts';

const GATEWAY = 'gateway-main';
const SPEC = `services/${GATEWAY}/spec.json`;
const STAGE1 = 'inside/stage1.sh';
const STAGE2 = 'inside/stage2.sh';
const SEAL = 'inside/seal.pl';

/** Each weakens one measure that contains a service. */
export const SERVICE_SABOTAGES: readonly Sabotage[] = [
  {
    name: 'service shares the network of its host',
    finds: [
      'egress.direct-public',
      'egress.direct-hostile',
      'egress.direct-metadata',
      'egress.direct-lan',
      'egress.direct-own-host',
      'egress.host-listener',
      'egress.host-published',
      'egress.udp',
      'egress.quic',
      'egress.multicast',
      'egress.ipv6',
      'egress.abstract-socket',
      'egress.dns-system',
      'egress.dns-resolver',
      'host.namespaces',
    ],
    restart: [GATEWAY],
    weaken: ({ edit }) => {
      edit(SPEC, (text) => swap(text, '"network": "none"', '"network": "outside"'));
    },
  },
  {
    name: 'questions are refused and nobody learns of them',
    finds: ['egress.dns-recorded'],
    restart: [GATEWAY],
    weaken: ({ edit }) => {
      edit('inside/names.mjs', (text) => swap(text, 'const ask = to && door(to);', 'const ask = undefined;'));
    },
  },
  {
    name: 'service keeps its capabilities',
    finds: ['host.capabilities'],
    restart: [GATEWAY],
    weaken: ({ edit }) => {
      edit(STAGE2, (text) => swap(text, '--no-new-privs --inh-caps=-all --ambient-caps=-all --bounding-set=-all', '--no-new-privs'));
    },
  },
  {
    name: 'service runs without the system call filter',
    finds: ['host.syscall-filter', 'egress.other-families'],
    also: ['host.no-new-namespaces'],
    restart: [GATEWAY],
    weaken: ({ edit }) => {
      edit(SEAL, (text) => swap(text, /^syscall\(\$call\{seccomp\}.*$/m, ''));
    },
  },
  {
    name: 'service may gain privileges',
    // The kernel loads a filter only for a process that cannot gain privileges, so both go together.
    finds: ['host.no-new-privileges', 'host.syscall-filter'],
    also: ['egress.other-families', 'host.no-new-namespaces'],
    restart: [GATEWAY],
    weaken: ({ edit }) => {
      edit(SEAL, (text) =>
        swap(swap(text, /^syscall\(\$call\{seccomp\}.*$/m, ''), /^syscall\(\$call\{prctl\}, \$PR_SET_NO_NEW_PRIVS.*$/m, ''),
      );
      edit(STAGE1, (text) => swap(text, '--bounding-set=-all --no-new-privs', '--bounding-set=-all'));
      edit(STAGE2, (text) => swap(text, '--no-new-privs ', ''));
    },
  },
  {
    name: 'the service runs as root',
    finds: ['host.identity'],
    also: ['host.processes', 'host.read-only', 'host.state-folders', 'secrets.files'],
    restart: [GATEWAY],
    weaken: ({ edit }) => {
      edit(STAGE2, (text) => swap(text, '--map-user="$uid" --map-group="$gid"', '--map-user=0 --map-group=0'));
    },
  },
  {
    name: 'a folder of the service is mounted writable',
    finds: ['host.read-only', 'host.mounts'],
    // Its configuration is given to it for that.
    also: ['host.state-folders'],
    restart: [GATEWAY],
    weaken: ({ edit, root, uidOf }) => {
      // freeze.pl would start nothing with it.
      edit(STAGE1, (text) =>
        swap(swap(text, 'ro) options=ro,nosuid,nodev ;;', 'ro) options=nosuid,nodev ;;'), /^perl \S+freeze\.pl .*$/m, ''),
      );
      const config = join(root, 'services', GATEWAY, 'config');
      chownSync(config, uidOf(GATEWAY), uidOf(GATEWAY));
      chmodSync(config, 0o700);
    },
  },
  {
    name: 'the state folder is mounted with exec',
    finds: ['host.no-exec', 'host.mounts'],
    restart: [GATEWAY],
    weaken: ({ edit }) => {
      edit(STAGE1, (text) => swap(text, 'rw) options=nosuid,nodev,noexec ;;', 'rw) options=nosuid,nodev ;;'));
    },
  },
  {
    name: "another service's state is mounted",
    finds: ['host.other-state'],
    also: ['host.mounts', 'host.state-folders'],
    restart: [GATEWAY],
    weaken: ({ edit, root }) => {
      const other = join(root, 'services/node-nas/state');
      edit(STAGE1, (text) =>
        swap(
          text,
          'step=hostname',
          `mkdir -p ".${other}"; mount --bind "${other}" ".${other}"; mount -o remount,bind,ro ".${other}"\nstep=hostname`,
        ),
      );
      chmodSync(other, 0o755);
    },
  },
  {
    name: "the host's root is mounted",
    finds: ['host.private-files'],
    also: ['host.mounts'],
    restart: [GATEWAY],
    weaken: ({ edit }) => {
      edit(STAGE1, (text) =>
        swap(text, 'step=hostname', 'mkdir -p var/lib; mount --bind /var/lib var/lib; mount -o remount,bind,ro var/lib\nstep=hostname'),
      );
    },
  },
  {
    name: "the host's /dev is mounted",
    finds: ['host.devices'],
    also: ['host.mounts', 'host.private-files'],
    restart: [GATEWAY],
    weaken: ({ edit }) => {
      edit(STAGE1, (text) => swap(text, 'step=mount-proc', ': > dev/loop0; mount --bind /dev/null dev/loop0\nstep=mount-proc'));
    },
  },
  {
    name: 'the docker socket is mounted',
    finds: ['host.engine-socket'],
    also: ['host.mounts'],
    restart: [GATEWAY],
    weaken: async ({ edit, root }) => {
      const path = join(root, 'engine.sock');
      const server = createServer((socket) => socket.end()).listen(path);
      server.unref();
      await new Promise((resolve) => server.once('listening', resolve));
      chmodSync(path, 0o666);
      edit(STAGE1, (text) => swap(text, 'step=hostname', `: > run/docker.sock; mount --bind "${path}" run/docker.sock\nstep=hostname`));
    },
  },
  {
    name: 'the control listener is given to a service',
    finds: ['host.sockets', 'host.control-sockets', 'egress.gate-control'],
    also: ['egress.explains', 'egress.recorded', 'egress.tunnels-recorded'],
    restart: [GATEWAY],
    weaken: ({ edit, root }) => {
      edit(SPEC, (text) => swap(text, '"listener": "egress-gateway-main"', '"listener": "control"'));
      // As root it belongs to another number; whoever gives it away would also open it.
      chmodSync(join(root, 'services/gate/run/control/in.sock'), 0o666);
    },
  },
  {
    name: 'a limit is removed',
    finds: ['host.resource-limits'],
    restart: [GATEWAY],
    weaken: ({ edit }) => {
      edit(SPEC, (text) => swap(text, /"processes": \d+/, '"processes": 60000'));
    },
  },
  {
    name: 'a secret is put into the environment',
    // What starts a service gets its environment as an argument.
    finds: ['secrets.environment'],
    also: ['secrets.arguments', 'secrets.rendered', 'secrets.host-processes'],
    restart: [GATEWAY],
    weaken: ({ edit, secrets }) => {
      edit(SPEC, (text) => swap(text, '"env": {', `"env": { "LEAK": "${secrets.get('anthropic_api_key')?.reveal() ?? ''}",`));
    },
  },
  {
    name: 'a secret is put into the arguments',
    finds: ['secrets.arguments', 'secrets.host-processes'],
    also: ['secrets.rendered'],
    restart: [GATEWAY],
    weaken: ({ edit, secrets }) => {
      edit(SPEC, (text) => swap(text, /("command": \[[^\]]*?)\n( *)\]/, `$1,\n"${secrets.get('anthropic_api_key')?.reveal() ?? ''}"\n$2]`));
    },
  },
  {
    name: 'a secret of another service is placed',
    finds: ['secrets.not-given'],
    restart: [],
    weaken: ({ root }) => {
      writeFileSync(join(root, 'services/node-nas/secrets/gateway_token'), 'x', { mode: 0o444 });
    },
    repair: ({ root }) => rmSync(join(root, 'services/node-nas/secrets/gateway_token')),
  },
  {
    name: 'the key of the gate is copied into the state of the gateway',
    finds: ['secrets.held-elsewhere'],
    restart: [],
    weaken: ({ root, secrets }) => {
      const path = join(root, 'services/gateway-main/state/notes.txt');
      writeFileSync(path, `remember: ${secrets.get('anthropic_api_key')?.reveal() ?? ''} is it`, { mode: 0o444 });
    },
    repair: ({ root }) => rmSync(join(root, 'services/gateway-main/state/notes.txt')),
  },
];
