import { canonicalJson } from '../../core/json.ts';
import { plainText } from '../../core/plain-text.ts';
import type { ContainerSettings } from './container-settings.ts';
import { IMAGE_NODE } from './image-paths.ts';
import { INSIDE, networkName } from './layout.ts';
import type { Spec } from './spec.ts';

type Setting = readonly [what: string, seen: unknown, wanted: unknown];

/**
 * The first setting of a container that is not as its specification says, in plain words: whoever made it anew by hand may have left
 * its labels as they were. `imageEnv`: what the image itself sets (`NAME=value`); without it only what is missing is seen. Pure.
 */
export function containerDrift(seen: ContainerSettings, spec: Spec, imageEnv?: readonly string[]): string | undefined {
  const found = [...identity(seen, spec), ...rights(seen), ...limits(seen, spec), ...ways(seen, spec)].find(
    ([, is, wanted]) => canonicalJson(is) !== canonicalJson(wanted),
  );
  if (found) return told(found);
  return strangeMount(seen, spec) ?? strangeVariable(seen, spec, imageEnv);
}

function identity({ Image, Config }: ContainerSettings, { container }: Spec): readonly Setting[] {
  const isId = container.image.startsWith('sha256:');
  return [
    ['image', isId ? Image : Config.Image, container.image],
    ['user', Config.User, `${container.identity.uid}:${container.identity.gid}`],
    ['program', [...(Config.Entrypoint ?? []), ...(Config.Cmd ?? [])], [IMAGE_NODE, INSIDE.launcher, INSIDE.spec]],
    ['working folder', Config.WorkingDir, INSIDE.state],
    ['host name', Config.Hostname, container.hostname],
  ];
}

/** What would open the sandbox itself. */
function rights({ HostConfig: is }: ContainerSettings): readonly Setting[] {
  return [
    ['privileged', is.Privileged ?? false, false],
    ['added capabilities', is.CapAdd ?? [], []],
    ['dropped capabilities', (is.CapDrop ?? []).map((one) => one.toUpperCase()), ['ALL']],
    // Engines and Compose write it with and without its value.
    [
      'security options',
      (is.SecurityOpt ?? []).map((one) => one.replace(/^no-new-privileges[:=]true$/, 'no-new-privileges')),
      ['no-new-privileges'],
    ],
    ['hidden system paths', is.MaskedPaths?.length === 0 ? 'none' : 'usual', 'usual'],
    ['read-only root', is.ReadonlyRootfs ?? false, true],
    ['process namespace', is.PidMode ?? '', ''],
    ['ipc namespace', /^(host|container:.*)$/.test(is.IpcMode ?? '') ? is.IpcMode : 'own', 'own'],
    ['name namespace', is.UTSMode ?? '', ''],
    ['user namespace', is.UsernsMode ?? '', ''],
    ['devices', is.Devices?.length ?? 0, 0],
    ['device requests', is.DeviceRequests?.length ?? 0, 0],
    ['device rules', is.DeviceCgroupRules ?? [], []],
    ['added groups', is.GroupAdd ?? [], []],
    ['volumes of other containers', is.VolumesFrom ?? [], []],
    ['init', is.Init ?? false, true],
  ];
}

function limits({ HostConfig: is }: ContainerSettings, { container: plan }: Spec): readonly Setting[] {
  const memory = (plan.memoryMiB ?? 0) * 1024 ** 2;
  const ulimits = {
    core: 0,
    fsize: plan.fileBytes,
    nofile: plan.openFiles,
    ...(plan.processes === undefined ? {} : { nproc: plan.processes }),
  };
  return [
    ['memory limit', is.Memory ?? 0, memory],
    ['memory and swap limit', plan.limitSwap ? is.MemorySwap : memory, memory],
    ['out-of-memory killer', is.OomKillDisable === true ? 'off' : 'on', 'on'],
    ['limit of processes', plan.pids === undefined ? 0 : (is.PidsLimit ?? 0), plan.pids ?? 0],
    ['processors', (is.NanoCpus ?? 0) / 1e9, plan.cpus ?? 0],
    ['processor set', is.CpusetCpus ?? '', plan.cpuset ?? ''],
    // 0: the engine's kernel knows no shares, and it dropped them with a warning.
    ['processor shares', is.CpuShares === 0 ? plan.cpuShares : is.CpuShares, plan.cpuShares],
    [
      'ulimits',
      Object.fromEntries((is.Ulimits ?? []).map((one) => [one.Name, one.Soft === one.Hard ? one.Soft : `${one.Soft}:${one.Hard}`])),
      ulimits,
    ],
    ['log', [is.LogConfig.Type, is.LogConfig.Config ?? {}], ['json-file', { 'max-file': '3', 'max-size': '10m' }]],
  ];
}

/** What it reaches, and what reaches it. */
function ways({ HostConfig: is, NetworkSettings }: ContainerSettings, { deployment, container: plan }: Spec): readonly Setting[] {
  const attached = Object.entries(NetworkSettings.Networks ?? {}).filter(([name]) => plan.networks.length > 0 || name !== 'none');
  return [
    ['published ports', published(is.PortBindings ?? {}), plan.ports.toSorted()],
    ['publishing of every port', is.PublishAllPorts ?? false, false],
    [
      'networks',
      Object.fromEntries(attached.map(([name, one]) => [name, one.IPAMConfig?.IPv4Address ?? ''])),
      Object.fromEntries(plan.networks.map(({ key, address: at }) => [networkName(deployment, key), at])),
    ],
    ['names of other hosts', is.ExtraHosts ?? [], []],
    ['links', is.Links ?? [], []],
    ['resolver', is.Dns ?? [], plan.dns],
    ['kernel settings', is.Sysctls ?? {}, plan.sysctls],
    [
      'memory file systems',
      is.Tmpfs ?? {},
      Object.fromEntries(plan.tmpfs.map((one) => [one.slice(0, one.indexOf(':')), one.slice(one.indexOf(':') + 1)])),
    ],
  ];
}

function published(ports: NonNullable<ContainerSettings['HostConfig']['PortBindings']>): readonly string[] {
  return Object.entries(ports)
    .flatMap(([port, all]) => (all ?? []).map(({ HostIp, HostPort }) => `${HostIp ?? ''}:${HostPort ?? ''}:${port.replace(/\/tcp$/, '')}`))
    .toSorted();
}

function strangeMount({ Mounts }: ContainerSettings, { container }: Spec): string | undefined {
  const wanted = new Map(container.mounts.map((one) => [one.target, one]));
  for (const { Type, Name, Source, Destination, RW } of Mounts) {
    const plan = wanted.get(Destination);
    wanted.delete(Destination);
    // A folder that the image itself declares, and nobody else has.
    if (plan === undefined && Type === 'volume' && /^[0-9a-f]{64}$/.test(Name ?? '')) continue;
    // A small file system in memory is compared above.
    if (plan === undefined && Type === 'tmpfs') continue;
    if (plan === undefined) return `somebody mounted ${plainText(Source ?? Type, 200)} into it at ${plainText(Destination, 200)}`;
    // Docker Desktop shows a Mac's folder where its virtual machine has it.
    if (Type !== 'bind' || (Source ?? '').replace(/^\/host_mnt(?=\/)/, '') !== plan.source) {
      return `somebody mounted ${plainText(Source ?? Type, 200)} at ${Destination} in place of ${plan.source}`;
    }
    if (RW && plan.readOnly) return `somebody made ${Destination} writable for it`;
    if (!RW && !plan.readOnly) return `somebody made ${Destination} read-only for it`;
  }
  const [missing] = wanted.keys();
  return missing === undefined ? undefined : `somebody took ${missing} away from it`;
}

/** Names alone are told: a value may be somebody's secret. */
function strangeVariable({ Config }: ContainerSettings, { container }: Spec, imageEnv: readonly string[] | undefined): string | undefined {
  const seen = new Map((Config.Env ?? []).map(variable));
  const wanted = new Map([...(imageEnv ?? []).map(variable), ...Object.entries(container.env)]);
  const other = [...wanted].find(([name, value]) => seen.get(name) !== value)?.[0];
  if (other !== undefined) return `somebody changed its variable ${plainText(other, 100)}`;
  const extra = imageEnv === undefined ? undefined : [...seen.keys()].find((name) => !wanted.has(name));
  return extra === undefined ? undefined : `somebody gave it the variable ${plainText(extra, 100)}`;
}

function variable(text_: string): readonly [string, string] {
  const at = text_.indexOf('=');
  return at < 0 ? [text_, ''] : [text_.slice(0, at), text_.slice(at + 1)];
}

function told([what, is, wanted]: Setting): string {
  return `somebody changed its ${what}: ${inWords(is)} and not ${inWords(wanted)}`;
}

function inWords(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'none';
  if (Array.isArray(value) && value.length === 0) return 'none';
  if (value === true) return 'on';
  if (value === false) return 'off';
  const words =
    typeof value === 'string'
      ? value
      : Array.isArray(value)
        ? value.map((one) => (typeof one === 'string' ? one : canonicalJson(one))).join(' ')
        : canonicalJson(value);
  return plainText(words.replaceAll('\n', ' '), 160);
}
