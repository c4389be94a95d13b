import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { containerName, networkName } from '../../runtimes/docker/layout.ts';
import { render } from '../../runtimes/docker/render.ts';
import { PLACE, SERVICES, SYNOLOGY, TARGET } from '../../runtimes/docker/testing/services.ts';
import type { DockerTarget } from '../../runtimes/docker/target.ts';
import { judgeDocker } from './check-docker.ts';
import { parseDockerView } from './docker-view.ts';
import { plannedContainers, plannedNetworks, type PlannedContainers } from './planned.ts';

const about = { deployment: 'home', cgroupVersion: '2' } as const;
const IMAGE_ID = `sha256:${'1'.repeat(64)}`;

function plannedOn(target: DockerTarget): PlannedContainers {
  return plannedContainers(render(SERVICES, PLACE, target));
}

/** What docker inspect says of containers and networks that are exactly as planned. */
function asPlanned(planned: PlannedContainers): readonly Record<string, unknown>[] {
  const containers = [...planned].map(([service, { container: plan }]) => ({
    Id: service,
    Name: `/${containerName('home', service)}`,
    Image: IMAGE_ID,
    State: { Running: true, Pid: 1 },
    Config: {
      Image: plan.image,
      User: `${plan.identity.uid}:${plan.identity.gid}`,
      Env: [],
      Entrypoint: ['/usr/local/bin/node', '/opt/lobsterpot/launcher.mjs', '/opt/lobsterpot/spec.json'],
      Cmd: null,
    },
    HostConfig: {
      Privileged: false,
      ReadonlyRootfs: true,
      NetworkMode: 'x',
      PidMode: '',
      IpcMode: 'private',
      UTSMode: '',
      UsernsMode: '',
      CgroupnsMode: 'private',
      CapAdd: null,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
      Devices: null,
      VolumesFrom: null,
      ExtraHosts: [],
      Dns: plan.dns,
      Sysctls: plan.sysctls,
      Memory: (plan.memoryMiB ?? 0) * 1024 ** 2,
      MemorySwap: plan.limitSwap ? (plan.memoryMiB ?? 0) * 1024 ** 2 : -1,
      PidsLimit: plan.pids ?? null,
      NanoCpus: (plan.cpus ?? 0) * 1e9,
      CpusetCpus: plan.cpuset ?? '',
      CpuShares: plan.cpuShares,
      RestartPolicy: { Name: 'always' },
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
      Tmpfs: Object.fromEntries(plan.tmpfs.map((one) => [one.slice(0, one.indexOf(':')), one.slice(one.indexOf(':') + 1)])),
      PortBindings: bindings(plan.ports),
    },
    Mounts: plan.mounts.map(({ source, target, readOnly }) => ({ Type: 'bind', Source: source, Destination: target, RW: !readOnly })),
    NetworkSettings: {
      Networks: Object.fromEntries(plan.networks.map(({ key, address }) => [networkName('home', key), { IPAddress: address }])),
      Ports: bindings(plan.ports),
    },
  }));
  const networks = plannedNetworks(planned).map((one) => ({
    Name: networkName('home', one.key),
    Driver: 'bridge',
    Internal: one.internal,
    EnableIPv6: false,
    Options: one.internal
      ? { 'com.docker.network.bridge.inhibit_ipv4': 'true' }
      : { 'com.docker.network.bridge.enable_ip_masquerade': String(!one.key.startsWith('ingress')) },
    IPAM: { Config: [{ Subnet: one.subnet, Gateway: one.bridge }] },
    Containers: Object.fromEntries(one.members.map(({ service }) => [service, { Name: containerName('home', service) }])),
  }));
  return [...containers, ...networks, { Id: IMAGE_ID, RepoTags: null, Architecture: 'amd64' }];
}

function bindings(ports: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    ports.map((one) => {
      const [HostIp = '', HostPort = '', inside = ''] = one.split(':');
      return [`${inside}/tcp`, [{ HostIp, HostPort }]];
    }),
  );
}

function judge(planned: PlannedContainers, said: readonly unknown[]): readonly string[] {
  const wanted = {
    services: [...planned.keys()],
    networks: plannedNetworks(planned).map(({ key }) => key),
    images: [...planned.values()].map(({ container }) => container.image),
  };
  return judgeDocker(parseDockerView(JSON.stringify(said), 'home', wanted), planned, about)
    .filter(({ status }) => status !== 'pass')
    .map(({ status, checkId, subject }) => `${status} ${checkId} ${subject}`);
}

describe('judgeDocker', () => {
  const planned = plannedOn(TARGET);

  test('everything as planned -> nothing to say', () => assert.deepEqual(judge(planned, asPlanned(planned)), []));

  test('an engine that cannot limit -> said so, not passed', () => {
    const there = plannedOn(SYNOLOGY);
    assert.deepEqual(
      judge(there, asPlanned(there)),
      [...there.keys()].map((service) => `not-enforced docker.limits ${service}`),
    );
  });

  test('a container or network is not there -> never a pass', () => {
    const said = asPlanned(planned).filter(({ Name }) => Name !== '/lobsterpot-home-gate' && Name !== 'lobsterpot-home.gate.outside');
    const found = judge(planned, said);
    assert.ok(found.includes('unknown docker.capabilities gate') && found.includes('fail docker.internal gate.outside'));
  });

  const host = (change: Record<string, unknown>) => (one: Record<string, unknown>) => ({
    ...one,
    HostConfig: { ...record(one['HostConfig']), ...change },
  });
  const cases: readonly (readonly [what: string, id: string, change: (one: Record<string, unknown>) => Record<string, unknown>])[] = [
    ['privileged', 'docker.privileged', host({ Privileged: true })],
    ['a device', 'docker.privileged', host({ Devices: [{ PathOnHost: '/dev/sda' }] })],
    ['a graphics card', 'docker.privileged', host({ DeviceRequests: [{}] })],
    ['the host network', 'docker.namespaces', host({ NetworkMode: 'host' })],
    ["another container's processes", 'docker.namespaces', host({ PidMode: 'container:x' })],
    ["the host's control groups", 'docker.namespaces', host({ CgroupnsMode: 'host' })],
    ['a capability', 'docker.capabilities', host({ CapAdd: ['NET_ADMIN'] })],
    ['capabilities kept', 'docker.capabilities', host({ CapDrop: [] })],
    ['new privileges', 'docker.security-options', host({ SecurityOpt: null })],
    ['new privileges, said to be off', 'docker.security-options', host({ SecurityOpt: ['no-new-privileges:false'] })],
    ['no filter', 'docker.security-options', host({ SecurityOpt: ['no-new-privileges', 'apparmor=unconfined'] })],
    ['a writable root', 'docker.read-only', host({ ReadonlyRootfs: false })],
    ['a group', 'docker.user', host({ GroupAdd: ['docker'] })],
    ['another resolver', 'docker.resolver', host({ Dns: ['8.8.8.8'] })],
    ['a name', 'docker.resolver', host({ ExtraHosts: ['x:1.2.3.4'] })],
    ['IPv6', 'docker.kernel-settings', host({ Sysctls: null })],
    ['no restart', 'docker.restart', host({ RestartPolicy: { Name: 'unless-stopped' } })],
    ['another log', 'docker.log-bounds', host({ LogConfig: { Type: 'db', Config: {} } })],
    ['more memory', 'docker.limits', host({ Memory: 0 })],
    ['swap', 'docker.limits', host({ MemorySwap: -1 })],
    ['processes without end', 'docker.limits', host({ PidsLimit: -1 })],
    ['a volume', 'docker.mounts', (one) => ({ ...one, Mounts: [{ Type: 'volume', Source: 'v', Destination: '/v', RW: true }] })],
    ['another image', 'docker.image', (one) => ({ ...one, Image: `sha256:${'2'.repeat(64)}` })],
    ['no network', 'docker.networks', (one) => ({ ...one, NetworkSettings: { Networks: {}, Ports: {} } })],
    ['a port', 'docker.published', host({ PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '80' }] } })],
  ];
  for (const [what, id, change] of cases) {
    test(`${what} -> ${id} of that service alone`, () => {
      const said = asPlanned(planned).map((one) => (one['Name'] === '/lobsterpot-home-node-nas' ? change(one) : one));
      assert.deepEqual(judge(planned, said), [`fail ${id} node-nas`]);
    });
  }

  const networks: readonly (readonly [what: string, key: string, id: string, change: Record<string, unknown>])[] = [
    ['not internal', 'node-nas.gate', 'docker.internal', { Internal: false }],
    ['a bridge with an address', 'node-nas.gate', 'docker.internal', { Options: null }],
    ['IPv6', 'node-nas.gate', 'docker.internal', { EnableIPv6: true }],
    ['another driver', 'node-nas.gate', 'docker.internal', { Driver: 'macvlan' }],
    ['an ingress that lets out', 'ingress-main.outside', 'docker.internal', { Options: {} }],
    ['another subnet', 'gate.outside', 'docker.internal', { IPAM: { Config: [{ Subnet: '10.0.0.0/8' }] } }],
    ['a stranger', 'node-nas.gate', 'docker.members', { Containers: { x: { Name: 'x' } } }],
    ['a name that only begins well', 'node-nas.gate', 'docker.members', { Containers: { x: { Name: 'lobsterpot-home-gate-once-x' } } }],
  ];
  for (const [what, key, id, change] of networks) {
    test(`a network: ${what} -> ${id}`, () => {
      const said = asPlanned(planned).map((one) => (one['Name'] === networkName('home', key) ? { ...one, ...change } : one));
      assert.deepEqual(judge(planned, said), [`fail ${id} ${key}`]);
    });
  }

  test('a command beside a service is no stranger', () => {
    const beside = { x: { Name: 'lobsterpot-home-gate-once-0a1b2c3d' } };
    const said = asPlanned(planned).map((one) =>
      one['Name'] === networkName('home', 'node-nas.gate') ? { ...one, Containers: beside } : one,
    );
    assert.deepEqual(judge(planned, said), []);
  });
});

function record(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
