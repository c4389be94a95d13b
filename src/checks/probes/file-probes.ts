import { plainText } from '../../core/plain-text.ts';
import type { Judgement } from '../catalogue/judgement.ts';
import type { Attempt } from './attempt.ts';
import type { Probe, Results } from './probe.ts';
import { allRefused, judgeEach, refusedWith, tell } from './probe.ts';
import type { Subject } from './subject.ts';

const common = { severity: 'critical', from: 'inside', roles: ['gate', 'gateway', 'node', 'ingress', 'link'], control: 'files' } as const;
const fix = (subject: Subject): string =>
  `start the service in a file system of its own again: lobsterpot up (service ${subject.service.name})`;

const each = (kind: 'read' | 'write', paths: readonly string[]): Readonly<Record<string, Attempt>> =>
  Object.fromEntries(paths.map((path) => [`${kind} ${path}`, { kind, path } as const]));

const HARMLESS_DEVICES = new Set(
  ['null', 'zero', 'full', 'random', 'urandom', 'ptmx', 'pts', 'shm', 'fd', 'stdin', 'stdout', 'stderr', 'tty', 'mqueue', 'core'].map(
    (name) => `/dev/${name}`,
  ),
);

/** What a service sees, may change and may execute of the file system. */
export const FILE_PROBES: readonly Probe[] = [
  {
    ...common,
    id: 'host.read-only',
    title: 'programs, configuration and secrets cannot be changed from inside',
    severity: 'high',
    tries:
      'making a file in /, /usr, /etc, the OpenClaw runtime, /config, /secrets and the folders of sockets and launcher, and opening programs for writing',
    sabotage: 'a folder of the service is mounted writable',
    attempts: ({ service, traits }) =>
      each('write', [
        ...traits.sealed,
        ...service.forwards.flatMap(({ service: of, listener }) =>
          traits.socketFolder === undefined ? [] : [`${traits.socketFolder}/${of}/${listener}`],
        ),
        ...service.files.map((file) => `/config/${file.name}`),
        ...service.secrets.map((secret) => `/secrets/${secret.file}`),
      ]),
    judge: refusedWith(['EROFS', 'EACCES', 'EPERM', 'ENOENT', 'ENOTDIR', 'EIO', 'EINVAL']),
    fix,
  },
  {
    ...common,
    id: 'host.no-exec',
    title: 'nothing that a service writes can be executed',
    severity: 'high',
    tries: 'writing a program into the state folder (process runtime), /tmp and shared memory and starting it',
    sabotage: 'the state folder is mounted with exec',
    attempts: ({ traits }) =>
      Object.fromEntries(traits.noExec.map((folder) => [`execute in ${folder}`, { kind: 'execute', folder } as const])),
    judge: refusedWith(['EACCES', 'EPERM']),
    fix,
  },
  {
    ...common,
    id: 'host.other-state',
    title: 'the deployment and the other services are not seen',
    tries: "reading the deployment's folder on the host, and every other service's state, configuration and secrets",
    sabotage: "another service's state is mounted",
    attempts: ({ root, allServices }) =>
      each('read', [
        root,
        ...allServices.flatMap(({ name }) => ['state', 'config', 'secrets', 'spec.json'].map((part) => `${root}/services/${name}/${part}`)),
      ]),
    judge: allRefused,
    fix,
  },
  {
    ...common,
    id: 'host.private-files',
    title: "the host's private files are not seen",
    tries: 'reading homes, password hashes, keys, logs, shared folders, disks and the raw memory of the host',
    sabotage: "the host's root is mounted",
    attempts: ({ traits, service: { volumes = [] } }) =>
      each(
        'read',
        traits.foreign.filter((path) => !volumes.some((one) => one.path === path || one.path.startsWith(`${path}/`))),
      ),
    // A folder that exists and holds nothing shows nothing.
    judge: (results) =>
      judgeEach(results, ({ outcome, detail }) =>
        outcome === 'refused' || detail === '0 entries' ? 'good' : outcome === 'succeeded' ? 'bad' : 'unclear',
      ),
    fix,
  },
  {
    ...common,
    id: 'host.devices',
    title: 'no device but the harmless ones',
    severity: 'high',
    tries: 'listing /dev and comparing it with null, zero, full, random, urandom, terminals and shared memory of its own',
    sabotage: "the host's /dev is mounted",
    attempts: () => ({ '/dev': { kind: 'list', path: '/dev' } }),
    judge: (results) => compareLists(results, (path) => HARMLESS_DEVICES.has(path)),
    fix,
  },
  {
    ...common,
    id: 'host.engine-socket',
    title: 'no socket of a container engine or of the host',
    tries: 'connecting to the sockets of Docker, containerd, Podman, systemd, D-Bus, and to one that the proof itself opened on the host',
    sabotage: 'the docker socket is mounted',
    control: 'network',
    attempts: ({ hostCanary }) => {
      const paths = [
        '/var/run/docker.sock',
        '/run/docker.sock',
        '/run/containerd/containerd.sock',
        '/run/podman/podman.sock',
        '/run/systemd/private',
        '/run/dbus/system_bus_socket',
        '/tmp/.X11-unix/X0',
      ];
      return Object.fromEntries(
        [...paths, ...(hostCanary ? [hostCanary.socketPath] : [])].map((path) => [path, { kind: 'unix', path } as const]),
      );
    },
    judge: allRefused,
    fix,
  },
  {
    ...common,
    id: 'host.control-sockets',
    title: "lobsterpot's own control is not reachable from inside",
    roles: ['gateway', 'node'],
    control: 'network',
    tries:
      "connecting to the supervisor's socket and to the gate's control socket, by their paths on the host and by those that a service could have",
    sabotage: 'the control listener is given to a service',
    attempts: ({ root, traits }) => {
      const paths = [`${root}/supervisor/control.sock`, `${root}/services/gate/run/control/in.sock`, ...traits.controlSockets];
      return Object.fromEntries(paths.map((path) => [path, { kind: 'unix', path } as const]));
    },
    judge: allRefused,
    fix,
  },
  {
    ...common,
    id: 'host.sockets',
    runtimes: ['process'],
    title: 'a service has exactly the sockets it was given',
    severity: 'high',
    roles: ['gateway', 'node'],
    tries: 'listing the folder of sockets and comparing it with the plan',
    sabotage: 'the control listener is given to a service',
    attempts: ({ service }) => ({
      '/sock': { kind: 'list', path: '/sock' },
      ...Object.fromEntries(
        [...new Set(service.forwards.map((forward) => forward.service))].map((name) => [
          `/sock/${name}`,
          { kind: 'list', path: `/sock/${name}` } as const,
        ]),
      ),
    }),
    judge: (results, { service }) => {
      const expected = new Set(
        service.forwards.flatMap((forward) => [`/sock/${forward.service}`, `/sock/${forward.service}/${forward.listener}`]),
      );
      return compareLists(results, (path) => expected.has(path));
    },
    fix,
  },
];

/** Lists hold expected entries only. */
function compareLists(results: Results, isExpected: (path: string) => boolean): Judgement {
  const unread = [...results].filter(([, { names }]) => !names);
  if (unread.length > 0 || results.size === 0)
    return { status: 'unknown', message: `could not be listed: ${unread.map(([name, result]) => tell(name, result)).join(', ')}` };
  const all = [...results].flatMap(([folder, { names }]) => (names ?? []).map((name) => `${folder}/${name}`));
  const extra = all.filter((path) => !isExpected(path)).map((path) => plainText(path, 120));
  return extra.length > 0
    ? { status: 'fail', message: `not planned: ${extra.join(', ')}` }
    : { status: 'pass', message: `${all.length} entries, all planned` };
}
