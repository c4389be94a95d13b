import { unenforced } from '../../../runtimes/docker/unenforced.ts';
import { engineCheck, fine, gap, unseen, wrong, type HostCheck, type ReadyEngine, type Seen, type Verdict } from './host-check.ts';

const memory = engineCheck(
  {
    id: 'preflight.limit-memory',
    title: "a service's memory can be limited",
    severity: 'medium',
    tries: 'reading MemoryLimit of docker info',
    sabotage: 'an engine without memory limits',
  },
  (engine, seen) => limit(engine, seen, 'host.memory-limit'),
);
const swap = engineCheck(
  {
    id: 'preflight.limit-swap',
    title: "a service's swap can be limited",
    severity: 'low',
    tries: 'reading SwapLimit of docker info',
    sabotage: 'an engine without swap limits',
  },
  (engine, seen) => (engine.info.MemoryLimit ? limit(engine, seen, 'host.swap-limit') : undefined),
);
const processes = engineCheck(
  {
    id: 'preflight.limit-processes',
    title: "a service's number of processes can be limited",
    severity: 'medium',
    tries: 'reading PidsLimit of docker info',
    sabotage: 'an engine without process limits',
  },
  (engine, seen) => limit(engine, seen, 'host.process-limit'),
);
const cpu = engineCheck(
  {
    id: 'preflight.limit-cpu',
    title: "a service's share of the processor can be limited",
    severity: 'low',
    tries: 'reading CpuCfsQuota of docker info',
    sabotage: 'an engine without processor quota',
  },
  (engine, seen) => limit(engine, seen, 'host.cpu-limit'),
);
const calls = engineCheck(
  {
    id: 'preflight.syscall-filter',
    title: 'system calls are filtered',
    severity: 'high',
    tries: 'reading SecurityOptions of docker info for seccomp',
    sabotage: 'an engine without seccomp',
  },
  (engine, seen) => limit(engine, seen, 'host.syscall-filter'),
);

const names = engineCheck(
  {
    id: 'preflight.name-questions',
    title: 'what services ask by DNS can be recorded',
    severity: 'low',
    tries: 'reading KernelVersion of docker info: before 4.11 only root may have port 53',
    sabotage: 'an engine whose kernel keeps port 53 for root',
  },
  (engine, seen) => limit(engine, seen, 'host.name-questions'),
);

const mandatory = engineCheck(
  {
    id: 'preflight.mandatory-access',
    title: 'AppArmor or SELinux confines containers',
    severity: 'low',
    tries: 'reading SecurityOptions of docker info',
    sabotage: 'an engine without AppArmor',
  },
  ({ info: { SecurityOptions } }) => {
    const found = SecurityOptions.map((one) => /^name=(apparmor|selinux)/.exec(one)?.[1]).find((one) => one !== undefined);
    return found === undefined
      ? gap(
          'neither AppArmor nor SELinux: one wall less behind the others',
          'switch AppArmor on in the kernel of that host, where it has it',
        )
      : fine(found);
  },
);

const userns = engineCheck(
  {
    id: 'preflight.user-namespaces',
    title: 'the engine maps no users and runs as root',
    severity: 'medium',
    tries: 'reading SecurityOptions of docker info for userns and rootless',
    sabotage: 'an engine that maps users',
  },
  ({ info: { SecurityOptions } }) => {
    const found = SecurityOptions.find((one) => /^name=(userns|rootless)/.test(one));
    return found === undefined
      ? fine('neither')
      : unseen(
          `the engine has ${found}, and lobsterpot was never tried with it: files may belong to other numbers than planned`,
          'use an engine without userns-remap, not rootless; or see what becomes of it: lobsterpot up, lobsterpot verify',
        );
  },
);

const groups = engineCheck(
  {
    id: 'preflight.control-groups',
    title: 'control groups are of version 2',
    severity: 'low',
    tries: 'reading CgroupVersion of docker info',
    sabotage: 'control groups of version 1',
  },
  ({ info: { CgroupVersion } }) =>
    CgroupVersion === '2'
      ? fine('version 2')
      : gap(
          'control groups of version 1: containers see those of the host, read-only',
          'nothing to do on DSM; elsewhere a newer system has version 2',
        ),
);

const exposed = engineCheck(
  {
    id: 'preflight.docker-exposed',
    title: 'nobody on the network rules the engine',
    severity: 'high',
    tries: 'reading the warnings of docker info for an API that listens without TLS',
    sabotage: 'an engine on a TCP port',
  },
  ({ info: { Warnings } }) => {
    const open = Warnings.filter(isExposure);
    return open.length === 0
      ? fine('its API listens on no port without TLS')
      : wrong(
          open.map(bare).join(', '),
          'take tcp:// out of "hosts" in /etc/docker/daemon.json (or of -H in its service), and start docker anew',
        );
  },
);

const warnings = engineCheck(
  {
    id: 'preflight.docker-warnings',
    title: 'the engine warns of nothing else',
    severity: 'low',
    tries: 'reading Warnings of docker info, but for limits and ports, which have checks of their own',
    sabotage: 'a warning of the engine',
  },
  ({ info: { Warnings } }) => {
    const rest = Warnings.filter(
      (one) => !isExposure(one) && !/\bNo .*(limit|quota|period|shares|cpuset|blkio|throttle|oom kill)/i.test(one),
    );
    return rest.length === 0 ? fine('no warning') : gap(rest.map(bare).join(', '), 'see: docker info');
  },
);

/** What the engine can enforce on its kernel. */
export const LIMIT_CHECKS: readonly HostCheck[] = [
  memory,
  swap,
  processes,
  cpu,
  calls,
  names,
  mandatory,
  userns,
  groups,
  exposed,
  warnings,
];

/** As status tells it once the services run. */
function limit({ info }: ReadyEngine, { asked }: Seen, gapId: string): Verdict {
  const can = {
    cpuQuota: info.CpuCfsQuota,
    cpuSet: info.CPUSet,
    pids: info.PidsLimit,
    memory: info.MemoryLimit,
    swap: info.SwapLimit,
    seccomp: info.SecurityOptions.some((one) => one.startsWith('name=seccomp') && !one.includes('profile=unconfined')),
  };
  const found = unenforced(asked.host, { can, cpus: info.NCPU, kernel: info.KernelVersion }).find((one) => one.checkId === gapId);
  return found ? gap(found.message, found.fix ?? '') : fine('it can');
}

function isExposure(warning: string): boolean {
  return /API is accessible/i.test(warning);
}

function bare(warning: string): string {
  return warning.replace(/^WARNING: /, '').replace(/\.$/, '');
}
