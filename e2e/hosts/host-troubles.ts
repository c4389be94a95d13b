import { ADDRESS } from '../../lab/net.ts';
import { asRoot, DOCKER, nameOf } from './on-hosts.ts';
import type { HostsStage } from './stage.ts';

/** Something that goes wrong on a host or on the way to it, as `up` tells it, and how it is taken away again. */
export type Trouble = {
  readonly name: string;
  readonly exit: number;
  readonly code: string;
  /** What must be in the message: what, cause and fix, in that order. */
  readonly told: RegExp;
  readonly begin: (stage: HostsStage) => unknown;
  /** The `host service` that `begin` takes away, so that `up` has something to do. */
  readonly takes?: string;
  /** Goes wrong while `up` is at work. */
  readonly meanwhile?: (stage: HostsStage) => Promise<void>;
  readonly end: (stage: HostsStage) => unknown;
  /** What `up` has to do once it is over; default: nothing, as nothing was changed. */
  readonly repairs?: RegExp;
};

/** The folder of the NAS on a small file system of its own; before anything is put there. */
export async function smallVolume({ nas }: HostsStage['lab']): Promise<void> {
  const options = `size=6g,mode=700,uid=${nas.user.uid},gid=${nas.user.gid}`;
  await asRoot(nas, 'mkdir -p "$1" && mount -t tmpfs -o "$2" volume "$1"', VOLUME, options);
}

const VOLUME = '/volume1/docker/openclaw';
const IMAGE = 'lobsterpot-lab/openclaw';

/** The far end of every connection of the login user ends, without a word. */
const CUT = 'pids=$(pgrep -f "^sshd: $1") && kill -KILL $pids';
/** The same while the host's Compose is at work: between two commands nothing is lost, and the next one makes its own connection. */
const CUT_WHILE_COMPOSE = `tries=0
until pgrep -f "^/[^ ]*docker[^ ]* compose .* u[p] -d" > /dev/null; do
  tries=$((tries + 1)); [ "$tries" -lt 1200 ] || exit 1; sleep 0.05
done
${CUT}`;
/** As if somebody had taken the node away: something for `up` to do. */
const takeNode = (stage: HostsStage): Promise<string> =>
  asRoot(stage.lab.nas, '"$1" rm --force "$2"', DOCKER.nas, `lobsterpot-${nameOf(stage)}-node-nas`);

const ENGINES: readonly Trouble[] = [
  {
    name: 'docker is gone from a host',
    exit: 1,
    code: 'hosts/docker-absent',
    told: /^host nas has no docker\n.*PATH.*\ninstall it there.*Container Manager.*lobsterpot up$/,
    begin: ({ lab }) => asRoot(lab.nas, 'mount -t tmpfs none /usr/local/bin'),
    end: ({ lab }) => asRoot(lab.nas, 'umount /usr/local/bin'),
  },
  {
    name: 'sudo asks for a password',
    exit: 1,
    code: 'hosts/sudo-password',
    told: /^docker on host nas needs sudo.*\n.*password is required.*\nthere: echo 'admin ALL=\(root\) NOPASSWD: \/usr\/local\/bin\/docker'.*lobsterpot up$/,
    begin: ({ lab }) => asRoot(lab.nas, 'sed -i "s/^admin /#&/" /etc/sudoers'),
    end: ({ lab }) => asRoot(lab.nas, 'sed -i "s/^#admin /admin /" /etc/sudoers'),
  },
  {
    name: 'the user may not use docker, and there is no sudo',
    exit: 1,
    code: 'hosts/docker-permission',
    told: /^the user me may not use docker on host mac-mini\n.*permission denied.*\nthere: sudo usermod -aG docker me .*lobsterpot up$/is,
    begin: ({ lab }) => asRoot(lab.mac, 'chmod 600 /run/docker.sock && chmod 700 /usr/bin/sudo'),
    end: ({ lab }) => asRoot(lab.mac, 'chmod 660 /run/docker.sock && chmod 4755 /usr/bin/sudo'),
  },
  {
    name: 'an image that a host neither has nor can pull',
    exit: 1,
    code: 'docker/image-pull',
    told: /^host nas has no image lobsterpot-lab\/openclaw:next and cannot pull it\n\S.*\n.*docker save lobsterpot-lab\/openclaw:next \| ssh .*lobsterpot up$/s,
    begin: async (stage) => {
      await asRoot(stage.lab.mac, `${DOCKER.mac} tag ${IMAGE}:2026.9.6 ${IMAGE}:next`);
      stage.write(stage.text().replace(`${IMAGE}:2026.9.6`, `${IMAGE}:next`));
    },
    end: ({ lab }) => asRoot(lab.nas, `${DOCKER.nas} tag ${IMAGE}:2026.9.6 ${IMAGE}:next`),
  },
];

const FILES: readonly Trouble[] = [
  {
    name: 'the folder of a volume is gone',
    exit: 1,
    code: 'preflight/volumes',
    told: /^host nas: \/volume1\/photos \(of node-nas\) is not there\n\S.*\n.*Shared Folder/,
    takes: 'nas node-nas',
    begin: async (stage) => {
      await takeNode(stage);
      await asRoot(stage.lab.nas, 'mv /volume1/photos /volume1/elsewhere');
    },
    end: ({ lab }) => asRoot(lab.nas, 'mv /volume1/elsewhere /volume1/photos'),
    repairs: /node host nas +healthy/,
  },
  {
    name: 'the disk of a host is full when it is written to',
    exit: 1,
    code: 'hosts/disk-full',
    told: /^no space left on host nas to write \/volume1\/docker\/openclaw\/.*\n.*the old file is still in place\nfree some .*df -i.*lobsterpot up$/,
    // Without a single inode to give, while the preflight sees gigabytes free.
    begin: (stage) =>
      asRoot(
        stage.lab.nas,
        'rm "$1/$2"/services/link-nas/config/known_hosts && mount -o "remount,nr_inodes=$(df --output=iused "$1" | tail -n 1 | tr -d " ")" "$1"',
        VOLUME,
        nameOf(stage),
      ),
    end: ({ lab }) => asRoot(lab.nas, 'mount -o remount,nr_inodes=100000 "$1"', VOLUME),
    repairs: /link-nas on nas +healthy/,
  },
];

const WAY: readonly Trouble[] = [
  {
    name: 'no way to a host',
    exit: 4,
    code: 'hosts/ssh-no-route',
    told: /^there is no way to host nas\n.*No route to host.*\nis it on, .*ping 192\.168\.222\.11 .*lobsterpot up$/,
    begin: async ({ lab }) => {
      await asRoot(lab.nas, CUT, 'admin');
      await asRoot(lab.operator, `ip route add unreachable ${ADDRESS.nas}`);
    },
    end: ({ lab }) => asRoot(lab.operator, `ip route del unreachable ${ADDRESS.nas}`),
  },
  {
    name: 'a host that fell silent while a connection to it was open',
    exit: 4,
    code: 'hosts/ssh-timeout',
    told: /^host nas did not answer in time\n\S.*\nis it awake.*try: ssh admin@192\.168\.222\.11 true ; has it another address.*; then run: lobsterpot up$/,
    begin: ({ lab }) => asRoot(lab.nas, RULE, '-I'),
    end: ({ lab }) => asRoot(lab.nas, RULE, '-D'),
  },
  {
    name: 'the key of a host has changed',
    exit: 4,
    code: 'hosts/ssh-host-key-changed',
    told: /^host mac-mini shows another key than before.*\n.*changed.*now shows ED25519 SHA256:.*\n.*ssh-keygen -R '192\.168\.222\.10' && ssh me@192\.168\.222\.10 true$/s,
    begin: async ({ lab }) => {
      await asRoot(lab.mac, NEW_KEY);
      // The connection that is open knows the machine already.
      await asRoot(lab.operator, 'pids=$(pgrep -f "^ssh: .*mux") && kill $pids');
    },
    // As the message says, with a yes to the key that was compared.
    end: ({ lab }) =>
      asRoot(
        lab.operator,
        `${AT_HOME} ssh-keygen -R "$2" && ssh -o StrictHostKeyChecking=accept-new "me@$2" true`,
        lab.operator.home,
        ADDRESS.mac,
      ),
    // The tunnel of the node must learn the key too.
    repairs: /link-nas on nas +healthy/,
  },
  {
    name: 'the connection breaks off while a service is started',
    exit: 4,
    code: 'hosts/ssh-dropped',
    told: /^the connection to host nas broke off.*\n\S.*\ntry: ssh admin@192\.168\.222\.11 true , then run/,
    takes: 'nas node-nas',
    begin: takeNode,
    meanwhile: async (stage) => void (await asRoot(stage.lab.nas, CUT_WHILE_COMPOSE, 'admin')),
    end: () => undefined,
    // The engine may have gone on by itself.
    repairs: /node host nas +healthy|nothing to do/,
  },
];

/** Each is tried on the same deployment, one after the other. */
export const TROUBLES: readonly Trouble[] = [...ENGINES, ...FILES, ...WAY];

const RULE = `iptables "$1" INPUT --source ${ADDRESS.operator} --protocol tcp --dport 22 --jump DROP`;

const AT_HOME = 'export HOME="$1";';

const NEW_KEY = `cd /etc/ssh && rm ssh_host_ed25519_key* && ssh-keygen -q -t ed25519 -N '' -f ssh_host_ed25519_key
for p in $(pgrep -f "^sshd: /usr/sbin/sshd -D"); do
  [ "$(readlink "/proc/$p/ns/mnt")" != "$(readlink /proc/self/ns/mnt)" ] || kill -HUP "$p"
done`;
