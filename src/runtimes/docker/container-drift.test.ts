import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { containerDrift } from './container-drift.ts';
import { parseSettings } from './container-settings.ts';
import type { Spec } from './spec.ts';

const SPEC: Spec = {
  version: 1,
  deployment: 'home',
  service: 'node-nas',
  digest: '',
  launch: {
    command: [],
    env: {},
    cwd: '/state',
    home: '/state/home',
    graceMs: 0,
    listeners: [],
    forwards: [],
    sinkholes: [],
    health: { kind: 'running' },
  },
  container: {
    image: `sha256:${'a'.repeat(64)}`,
    hostname: 'nas',
    identity: { uid: 40_001, gid: 40_001 },
    env: { HOME: '/state/home' },
    memoryMiB: 128,
    limitSwap: true,
    pids: 64,
    cpus: 1,
    cpuShares: 512,
    openFiles: 1024,
    fileBytes: 16_777_216,
    tmpfs: ['/tmp:rw,noexec'],
    mounts: [
      { source: '/srv/home/services/node-nas/spec.json', target: '/opt/lobsterpot/spec.json', readOnly: true },
      { source: '/srv/home/services/node-nas/state', target: '/state', readOnly: false },
    ],
    networks: [{ key: 'node-nas.gate', address: '10.0.0.3', beside: '10.0.0.5' }],
    dns: ['10.0.0.2'],
    sysctls: { 'net.ipv6.conf.all.disable_ipv6': '1' },
    ports: ['127.0.0.1:18789:18000'],
    stopSeconds: 8,
    startSeconds: 60,
  },
};

const IMAGE_ENV = ['PATH=/bin', 'NODE_ENV=production'];

/** As engine 20.10 tells it of a container that Compose 2.26 made. */
const MADE = {
  Image: SPEC.container.image,
  Config: {
    Image: SPEC.container.image,
    User: '40001:40001',
    Hostname: 'nas',
    WorkingDir: '/state',
    Entrypoint: ['/usr/local/bin/node', '/opt/lobsterpot/launcher.mjs', '/opt/lobsterpot/spec.json'],
    Cmd: null,
    Env: ['HOME=/state/home', ...IMAGE_ENV],
  },
  HostConfig: {
    Privileged: false,
    ReadonlyRootfs: true,
    Init: true,
    PublishAllPorts: false,
    OomKillDisable: false,
    CapAdd: null,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges:true'],
    MaskedPaths: ['/proc/kcore'],
    PidMode: '',
    IpcMode: 'private',
    UTSMode: '',
    UsernsMode: '',
    Memory: 134_217_728,
    MemorySwap: 134_217_728,
    PidsLimit: 64,
    NanoCpus: 1_000_000_000,
    CpusetCpus: '',
    CpuShares: 512,
    Ulimits: [
      { Name: 'nofile', Hard: 1024, Soft: 1024 },
      { Name: 'fsize', Hard: 16_777_216, Soft: 16_777_216 },
      { Name: 'core', Hard: 0, Soft: 0 },
    ],
    Tmpfs: { '/tmp': 'rw,noexec' },
    Sysctls: { 'net.ipv6.conf.all.disable_ipv6': '1' },
    Dns: ['10.0.0.2'],
    ExtraHosts: [],
    GroupAdd: null,
    Links: null,
    VolumesFrom: null,
    Devices: null,
    DeviceRequests: null,
    DeviceCgroupRules: null,
    PortBindings: { '18000/tcp': [{ HostIp: '127.0.0.1', HostPort: '18789' }] },
    LogConfig: { Type: 'json-file', Config: { 'max-file': '3', 'max-size': '10m' } },
  },
  Mounts: [
    { Type: 'bind', Source: '/srv/home/services/node-nas/state', Destination: '/state', RW: true },
    { Type: 'bind', Source: '/srv/home/services/node-nas/spec.json', Destination: '/opt/lobsterpot/spec.json', RW: false },
  ],
  NetworkSettings: { Networks: { 'lobsterpot-home.node-nas.gate': { IPAMConfig: { IPv4Address: '10.0.0.3' } } } },
};

const [STATE, SPEC_FILE] = MADE.Mounts;
const config = (other: object): object => ({ ...MADE, Config: { ...MADE.Config, ...other } });
const host = (other: object): object => ({ ...MADE, HostConfig: { ...MADE.HostConfig, ...other } });
const mounts = (...all: readonly unknown[]): object => ({ ...MADE, Mounts: all });
const networks = (all: object): object => ({ ...MADE, NetworkSettings: { Networks: { ...MADE.NetworkSettings.Networks, ...all } } });
const bind = (source: string, target: string): object => ({ Type: 'bind', Source: source, Destination: target, RW: true });

function driftOf(inspected: unknown, imageEnv?: readonly string[]): string | undefined {
  const settings = parseSettings(inspected);
  assert.ok(settings, 'it can be read');
  return containerDrift(settings, SPEC, imageEnv);
}

suite('containerDrift', () => {
  for (const [what, inspected] of [
    ['as Compose made it', MADE],
    [
      'of an engine that writes less',
      host({ CapAdd: [], Devices: [], SecurityOpt: ['no-new-privileges'], CpuShares: 0, Links: undefined }),
    ],
    [
      'with the folder that its image declares',
      mounts(STATE, SPEC_FILE, { Type: 'volume', Name: 'b'.repeat(64), Destination: '/data', RW: true }),
    ],
    ['of Docker Desktop', mounts({ ...STATE, Source: `/host_mnt${STATE?.Source}` }, SPEC_FILE)],
  ] as const) {
    test(`a container ${what} -> none`, () => assert.equal(driftOf(inspected, IMAGE_ENV), undefined));
  }

  for (const [drift, inspected] of [
    [
      `somebody changed its image: sha256:${'b'.repeat(64)} and not sha256:${'a'.repeat(64)}`,
      { ...MADE, Image: `sha256:${'b'.repeat(64)}` },
    ],
    ['somebody changed its user: 0:0 and not 40001:40001', config({ User: '0:0' })],
    ['somebody changed its user: none and not 40001:40001', config({ User: '' })],
    [/^somebody changed its program: \/bin\/sh and not /, config({ Entrypoint: ['/bin/sh'] })],
    [/^somebody changed its program: .* --inspect and not /, config({ Cmd: ['--inspect'] })],
    ['somebody changed its privileged: on and not off', host({ Privileged: true })],
    ['somebody changed its added capabilities: NET_ADMIN and not none', host({ CapAdd: ['NET_ADMIN'] })],
    ['somebody changed its dropped capabilities: none and not ALL', host({ CapDrop: null })],
    ['somebody changed its security options: none and not no-new-privileges', host({ SecurityOpt: null })],
    [
      /^somebody changed its security options: .*seccomp=unconfined and not/,
      host({ SecurityOpt: ['no-new-privileges:true', 'seccomp=unconfined'] }),
    ],
    ['somebody changed its hidden system paths: none and not usual', host({ MaskedPaths: [] })],
    ['somebody changed its read-only root: off and not on', host({ ReadonlyRootfs: false })],
    ['somebody changed its process namespace: host and not none', host({ PidMode: 'host' })],
    ['somebody changed its ipc namespace: host and not own', host({ IpcMode: 'host' })],
    ['somebody changed its name namespace: host and not none', host({ UTSMode: 'host' })],
    ['somebody changed its user namespace: host and not none', host({ UsernsMode: 'host' })],
    ['somebody changed its devices: 1 and not 0', host({ Devices: [{ PathOnHost: '/dev/mem' }] })],
    ['somebody changed its device requests: 1 and not 0', host({ DeviceRequests: [{ Driver: 'nvidia' }] })],
    ['somebody changed its device rules: c *:* rwm and not none', host({ DeviceCgroupRules: ['c *:* rwm'] })],
    ['somebody changed its added groups: docker and not none', host({ GroupAdd: ['docker'] })],
    ['somebody changed its volumes of other containers: other and not none', host({ VolumesFrom: ['other'] })],
    ['somebody changed its init: off and not on', host({ Init: null })],
    ['somebody changed its memory limit: 0 and not 134217728', host({ Memory: 0 })],
    ['somebody changed its memory and swap limit: -1 and not 134217728', host({ MemorySwap: -1 })],
    ['somebody changed its out-of-memory killer: off and not on', host({ OomKillDisable: true })],
    ['somebody changed its limit of processes: 0 and not 64', host({ PidsLimit: null })],
    ['somebody changed its processors: 4 and not 1', host({ NanoCpus: 4e9 })],
    ['somebody changed its processor set: 0-3 and not none', host({ CpusetCpus: '0-3' })],
    ['somebody changed its processor shares: 9999 and not 512', host({ CpuShares: 9999 })],
    [/^somebody changed its ulimits: .*"nofile":1024.* and not /, host({ Ulimits: MADE.HostConfig.Ulimits.slice(0, 1) })],
    [/^somebody changed its log: syslog /, host({ LogConfig: { Type: 'syslog', Config: {} } })],
    [
      'somebody changed its published ports: 0.0.0.0:18789:18000 and not 127.0.0.1:18789:18000',
      host({ PortBindings: { '18000/tcp': [{ HostIp: '0.0.0.0', HostPort: '18789' }] } }),
    ],
    ['somebody changed its publishing of every port: on and not off', host({ PublishAllPorts: true })],
    [/^somebody changed its networks: .*"bridge":"".* and not /, networks({ bridge: {} })],
    [
      /^somebody changed its networks: .*10\.0\.0\.9.* and not /,
      networks({ 'lobsterpot-home.node-nas.gate': { IPAMConfig: { IPv4Address: '10.0.0.9' } } }),
    ],
    ['somebody changed its names of other hosts: evil:1.2.3.4 and not none', host({ ExtraHosts: ['evil:1.2.3.4'] })],
    ['somebody changed its links: /a:/b and not none', host({ Links: ['/a:/b'] })],
    ['somebody changed its resolver: 8.8.8.8 and not 10.0.0.2', host({ Dns: ['8.8.8.8'] })],
    [/^somebody changed its kernel settings: /, host({ Sysctls: {} })],
    [/^somebody changed its memory file systems: /, host({ Tmpfs: { '/tmp': 'rw,exec' } })],
    [
      'somebody mounted /var/run/docker.sock into it at /var/run/docker.sock',
      mounts(STATE, SPEC_FILE, bind('/var/run/docker.sock', '/var/run/docker.sock')),
    ],
    [
      'somebody mounted data into it at /data',
      mounts(STATE, SPEC_FILE, { Type: 'volume', Name: 'data', Source: 'data', Destination: '/data', RW: true }),
    ],
    ['somebody mounted / at /state in place of /srv/home/services/node-nas/state', mounts(bind('/', '/state'), SPEC_FILE)],
    ['somebody made /opt/lobsterpot/spec.json writable for it', mounts(STATE, { ...SPEC_FILE, RW: true })],
    ['somebody made /state read-only for it', mounts({ ...STATE, RW: false }, SPEC_FILE)],
    ['somebody took /opt/lobsterpot/spec.json away from it', mounts(STATE)],
    ['somebody gave it the variable NODE_OPTIONS', config({ Env: [...MADE.Config.Env, 'NODE_OPTIONS=--inspect'] })],
    ['somebody changed its variable HOME', config({ Env: IMAGE_ENV })],
    ['somebody changed its variable PATH', config({ Env: ['HOME=/state/home', 'PATH=/evil', 'NODE_ENV=production'] })],
  ] as const) {
    test(String(drift), () => {
      const found = driftOf(inspected, IMAGE_ENV) ?? 'none';
      if (typeof drift === 'string') assert.equal(found, drift);
      else assert.match(found, drift);
    });
  }

  test('what the image sets is not known -> its variables are taken for its own, the planned ones are compared', () => {
    assert.equal(driftOf(config({ Env: [...MADE.Config.Env, 'OTHER=1'] })), undefined);
    assert.equal(driftOf(config({ Env: ['HOME=/root'] })), 'somebody changed its variable HOME');
  });

  test('a value that somebody gave a variable -> never told', () => {
    assert.doesNotMatch(driftOf(config({ Env: ['HOME=sk-secret'] }), IMAGE_ENV) ?? '', /sk-secret/);
  });

  test('an image by its digest -> the name that it was made from is compared', () => {
    const spec = { ...SPEC, container: { ...SPEC.container, image: 'ghcr.io/x@sha256:1' } };
    const settings = parseSettings(MADE);
    assert.match((settings && containerDrift(settings, spec)) ?? '', /^somebody changed its image/);
  });
});

for (const [what, inspected] of [
  ['nothing', undefined],
  ['a text', 'x'],
  ['without mounts', { ...MADE, Mounts: undefined }],
  ['another kind of capabilities', host({ CapAdd: 'ALL' })],
] as const) {
  test(`parseSettings: ${what} -> unreadable, never as it should be`, () => assert.equal(parseSettings(inspected), undefined));
}
