import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { queryTrail } from '../../src/audit/query-trail.ts';
import type { ProofInput } from '../../src/checks/proof-input.ts';
import { prove } from '../../src/checks/prove.ts';
import type { Finding } from '../../src/core/finding.ts';
import { Redacted } from '../../src/core/redacted.ts';
import { until } from '../../src/core/wait.ts';
import { gateBundle } from '../../src/gate/bundle.ts';
import { localHost } from '../../src/hosts/local-host.ts';
import { run } from '../../src/hosts/run.ts';
import { authorizedLine } from '../../src/link/authorized-line.ts';
import { generateLinkKey } from '../../src/link/link-key.ts';
import { dockerRuntime } from '../../src/runtimes/docker/docker-runtime.ts';
import type { DockerEngine } from '../../src/runtimes/docker/engine.ts';
import { resolveImage } from '../../src/runtimes/docker/image.ts';
import type { Runtime } from '../../src/runtimes/runtime.ts';
import { compile } from '../../src/services/compile.ts';
import { gateService } from '../../src/services/gate-service.ts';
import { linkServiceOf } from '../../src/services/link-service.ts';
import type { Service } from '../../src/services/service.ts';
import { parseDeployment } from '../../src/topology/parse-deployment.ts';
import { ADDRESS } from '../../lab/net.ts';
import { IMAGE } from '../../lab/image/recipe.ts';
import { USERS } from '../../lab/users.ts';
import { LAB } from '../lab/addresses.ts';
import { plannedFiles, type PlannedFiles } from '../support/planned-files.ts';
import { standIn } from '../support/stand-in.ts';

/**
 * The whole of a deployment in containers of one real engine, on the lab's Mac: the real gate, ingress and link with their real
 * ssh server; in the place of OpenClaw two small programs, so that a service can be weakened and made anew in a second.
 */
export type DockerStage = Pick<PlannedFiles, 'read' | 'edit'> & {
  readonly root: string;
  readonly secrets: ReadonlyMap<string, Redacted>;
  readonly runtime: Runtime;
  readonly services: readonly Service[];
  /** Where sshd reads the line of the link's key. */
  readonly authorizedKeys: string;
  docker(...args: readonly string[]): Promise<string>;
  /** Makes the containers of these services anew from the compose file that lies there, and waits until they are ready. */
  remake(names: readonly string[]): Promise<void>;
  /** Writes every file as it should be, and makes anew what is named. */
  restore(names: readonly string[]): Promise<void>;
  prove(change?: Partial<ProofInput>): Promise<readonly Finding[]>;
};

const DOCKER = ['/usr/bin/docker'];
const TEXT = `name: pot
openclaw: 2026.9.6
hosts:
  mac: { connect: local }
gateways:
  main:
    host: mac
    runtime: docker
    model: { provider: anthropic, id: claude-sonnet-5, apiKey: { secret: anthropic_api_key } }
nodes:
  nas: { host: mac, runtime: docker, gateway: main, volumes: [/srv/photos:ro, /srv/backup] }
egress:
  ca: ca.pem
`;
const READY_MS = 30_000;

/** The lab's stand-ins for what is never to be reached. */
export const TARGETS = {
  publicAddress: LAB.friendly,
  hostileAddress: LAB.hostile,
  lanAddresses: [LAB.router, LAB.lanNeighbour, ADDRESS.nas],
  resolvers: [LAB.resolver, '8.8.8.8'],
} as const;

/** Makes the stage and starts its five services; runs as root on the lab's Mac. */
export async function setDockerStage(ca: string): Promise<DockerStage> {
  const host = localHost('mac');
  const root = '/srv/pot';
  for (const folder of [root, '/srv/photos', '/srv/backup']) mkdirSync(folder, { mode: 0o700, recursive: true });
  writeFileSync('/srv/photos/one.jpg', 'x');
  const deployment = parseDeployment(TEXT, { file: 'lobsterpot.yaml', readFile: () => Buffer.from(ca) });
  const key = generateLinkKey();
  const secrets = new Map([
    ['anthropic_api_key', new Redacted('sk-ant-stage-3f9c51aa77e0-key')],
    ['gateway-main-token', new Redacted('gateway-main-token-3f9c51aa77e0')],
    ['link-nas-key', key.privateKey],
  ]);
  const engine: DockerEngine = { host, docker: DOCKER, compose: [...DOCKER, 'compose'], env: { PATH: '/usr/bin:/bin', HOME: '/root' } };
  const services = await stageServices(deployment);
  const image = await resolveImage(engine, IMAGE, 'x86_64');
  const place = { deployment: 'pot', root, runtime: '', containment: 'full' } as const;
  const target = {
    image: image.image,
    openclaw: '2026.9.6',
    kernel: '6.1.0',
    cpus: 2,
    can: { cpuQuota: true, cpuSet: true, pids: true, memory: true, swap: true, seccomp: true },
    ipv6: image.ipv6,
    subnet: { first: 0x0a_57_10_00, prefix: 20 },
  };
  const runtime = dockerRuntime({ place, engine, target });
  const { uidOf, read, edit, write } = plannedFiles(root, { artifacts: runtime.render(services), services, secrets });
  const authorizedKeys = join(USERS.mac.home, '.ssh/authorized_keys');
  const line = authorizedLine({ deployment: 'pot', node: 'nas', publicKey: key.publicKey, gatewayPort: 18_789 });
  const keysBefore = readFileSync(authorizedKeys, 'utf8');

  const docker = async (...args: readonly string[]): Promise<string> => {
    const ended = await run([...DOCKER, ...args], { timeoutMs: 60_000, env: { PATH: '/usr/bin:/bin', HOME: '/root' } });
    if (ended.code !== 0) throw new Error(`docker ${args.join(' ')}: ${ended.stderr.trim()}`);
    return ended.stdout;
  };
  const isReady = async (name: string): Promise<true | undefined> =>
    docker('exec', `lobsterpot-pot-${name}`, '/usr/bin/test', '-e', '/run/lobsterpot/ready').then(
      () => true,
      () => undefined,
    );
  const remake = async (names: readonly string[]): Promise<void> => {
    const up = ['-f', join(root, 'compose.yaml'), 'up', '-d', '--no-deps', '--no-build', '--force-recreate', '--timeout', '1'];
    // One by one: of several that depend on each other Compose waits for the health of each, which is asked every few seconds only.
    for (const { name } of services.filter((one) => names.includes(one.name))) {
      await docker('compose', '-p', 'lobsterpot-pot', ...up, name);
      const is = await until(() => isReady(name), { timeoutMs: READY_MS, everyMs: 100 });
      if (is !== true) throw new Error(`${name} is not ready: ${(await runtime.logs(name, 10)).join('\n')}`);
    }
  };
  const restore = async (names: readonly string[]): Promise<void> => {
    await write();
    writeFileSync(authorizedKeys, `${keysBefore}${line}\n`);
    await remake(names);
  };
  await restore(services.map(({ name }) => name));
  return {
    root,
    secrets,
    runtime,
    services,
    authorizedKeys,
    docker,
    read,
    edit,
    remake,
    restore,
    prove: (change = {}) =>
      prove({
        // Without gateways and nodes nothing is asked of OpenClaw, which is not here.
        deployment: { ...deployment, gateways: [], nodes: [] },
        services,
        kind: 'docker',
        runtime,
        host,
        machine: host,
        isLocal: true,
        docker: { command: DOCKER, env: engine.env ?? {}, traits: { seccomp: true, cgroupVersion: '1' } },
        root,
        store: { host, root, uid: 0 },
        otherHosts: [ADDRESS.nas],
        policy: deployment.egress,
        uidOf,
        secrets,
        gateways: new Map(),
        deviceIds: new Map(),
        links: new Map([['link-nas', { clear: (left) => host.remove(left) }]]),
        denied: async (sinceMs) =>
          (await queryTrail(join(root, 'services/gate/state/trail'), { sinceMs, denied: true }, 10_000)).map(({ decision }) => decision),
        targets: TARGETS,
        disruptive: false,
        ...change,
      }),
  };
}

async function stageServices(deployment: ReturnType<typeof parseDeployment>): Promise<readonly Service[]> {
  const bundle = await gateBundle();
  const compiled = compile(deployment, { gateBundle: bundle, presentSecrets: new Set(['anthropic_api_key']), deviceIds: new Map() });
  const hostKey = readFileSync('/etc/ssh/ssh_host_ed25519_key.pub', 'utf8').split(' ').slice(0, 2).join(' ');
  const link = linkServiceOf({
    node: 'nas',
    host: 'mac',
    link: { kind: 'ssh-tunnel', user: USERS.mac.name, address: ADDRESS.mac, port: 22 },
    gatewayPort: 18_789,
    hostKeys: [hostKey],
  });
  return [
    gateService('mac', deployment.egress, ['gateway-main', 'node-nas'], bundle),
    ...compiled.flatMap((one) => (one.role === 'gate' ? [] : [small(one)])),
    // After the ingress, through which it asks for its own health.
    link,
  ].toSorted((a, b) => ORDER.indexOf(a.role) - ORDER.indexOf(b.role));
}

const ORDER: readonly Service['role'][] = ['gate', 'gateway', 'ingress', 'link', 'node'];

/** On one host a node needs no link; it dials this one's all the same, as it would from another host. */
function small(service: Service): Service {
  const one = standIn(service);
  if (one.role !== 'node') return one;
  const forwards = one.forwards.map((to) => (to.service === 'gate' ? to : { ...to, service: 'link-nas', listener: 'link' }));
  return { ...one, forwards, after: ['gate', 'link-nas'] };
}
