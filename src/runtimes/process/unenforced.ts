import type { Finding } from '../../core/finding.ts';
import type { ChainProbe } from './chain-probe.ts';

/** What is known of the host when it is asked what it cannot enforce. */
export type HostLimits = {
  readonly containment: 'full' | 'none';
  readonly chain: ChainProbe;
  readonly groups: { readonly memory: boolean; readonly pids: boolean };
  readonly asRoot: boolean;
};

/** What this host cannot enforce for these services, each with what would change it. Pure. */
export function unenforced(host: HostLimits): readonly Finding[] {
  if (host.containment === 'none') return uncontained();
  const { chain } = host;
  if (!chain.ok) {
    return [
      gap(
        'host.containment',
        'critical',
        'this host cannot contain a service, so none is started',
        chain.fix,
        `${chain.step}: ${chain.cause}`,
      ),
    ];
  }
  return [
    ...(chain.reduced
      ? [
          gap(
            'host.user-namespace',
            'low',
            'services run without a user namespace: the syscall filter alone keeps them from new ones, and each can change its own process 1',
            chain.reduced.fix,
            `${chain.reduced.step}: ${chain.reduced.cause}`,
          ),
        ]
      : []),
    ...(host.groups.memory
      ? []
      : [
          gap(
            'host.memory-limit',
            'medium',
            'a service can use all memory of this host: the limit needs a control group',
            host.asRoot
              ? 'mount the memory controller so that root may write it: mount | grep cgroup'
              : 'start lobsterpot as root to use a control group',
          ),
        ]),
    ...(host.groups.pids
      ? []
      : [
          gap(
            'host.process-limit',
            'low',
            'the number of processes is limited by prlimit alone',
            'start lobsterpot as root to use a control group',
          ),
        ]),
    ...(host.asRoot
      ? []
      : [
          gap(
            'host.identity',
            'medium',
            'all services run as the uid that started them: only namespaces keep them apart',
            'start lobsterpot as root to give each service a uid of its own',
          ),
        ]),
    gap(
      'host.disk-limit',
      'low',
      'the kernel limits no state folder: those of gateways and nodes are watched, and who is beyond its limit is ended some seconds later',
      'put the deployment on a file system of its own',
    ),
  ];
}

function uncontained(): readonly Finding[] {
  const fix = 'set containment: full in lobsterpot.yaml, then run: lobsterpot up';
  return [
    gap(
      'host.containment',
      'critical',
      'containment is switched off: every service can reach the network, the files and the processes of its user',
      fix,
    ),
    gap('host.syscall-filter', 'high', 'no syscall filter: containment is switched off', fix),
    gap('host.memory-limit', 'medium', 'no memory limit: containment is switched off', fix),
    gap('host.process-limit', 'medium', 'no limit on processes: containment is switched off', fix),
  ];
}

function gap(checkId: string, severity: Finding['severity'], message: string, fix: string, evidence?: string): Finding {
  return {
    checkId,
    severity,
    status: 'not-enforced',
    subject: 'deployment',
    message,
    fix,
    ...(evidence === undefined ? {} : { evidence }),
  };
}
