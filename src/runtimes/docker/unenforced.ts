import type { Finding } from '../../core/finding.ts';
import { keepsLowPorts } from '../low-ports.ts';
import type { DockerTarget } from './target.ts';

/** What this engine cannot enforce, each with what would change it. Pure. */
export function unenforced(
  host: string,
  { can, cpus, kernel: release = '' }: Pick<DockerTarget, 'can' | 'cpus'> & Partial<Pick<DockerTarget, 'kernel'>>,
): readonly Finding[] {
  const gap = (checkId: string, severity: Finding['severity'], message: string, fix: string): Finding => ({
    checkId,
    severity,
    status: 'not-enforced',
    subject: host,
    message,
    fix,
  });
  const kernel = 'use a host whose kernel has it; nothing that lobsterpot can set replaces it';
  return [
    ...(can.memory
      ? []
      : [gap('host.memory-limit', 'medium', 'this engine cannot limit memory: a service can use all of the host', kernel)]),
    ...(can.memory && !can.swap
      ? [
          gap(
            'host.swap-limit',
            'low',
            'this kernel cannot limit swap: a service can swap beyond its memory limit',
            'switch swap off on that host, or accept it',
          ),
        ]
      : []),
    ...(can.pids
      ? []
      : [
          gap(
            'host.process-limit',
            'low',
            'this kernel has no group for processes: their number is limited by ulimit alone, for each service under its own uid',
            kernel,
          ),
        ]),
    ...(can.cpuQuota
      ? []
      : [
          gap(
            'host.cpu-limit',
            'low',
            can.cpuSet && cpus > 1
              ? 'this kernel has no processor quota: services are kept off one processor and have half the usual share instead'
              : 'this kernel has no processor quota: services have half the usual share of the processor',
            kernel,
          ),
        ]),
    ...(can.seccomp
      ? []
      : [gap('host.syscall-filter', 'high', 'this engine filters no system calls: a hole in the kernel is open to every service', kernel)]),
    ...(keepsLowPorts(release)
      ? [
          gap(
            'host.name-questions',
            'low',
            'this kernel keeps port 53 for root: what a service asks by DNS goes nowhere, and nobody learns of it',
            kernel,
          ),
        ]
      : []),
    gap(
      'host.state-exec',
      'medium',
      'what a service writes into its state folder can be run there: Docker mounts a folder of the host without noexec',
      'put the deployment on a volume that is mounted noexec',
    ),
    gap(
      'host.disk-limit',
      'low',
      'the kernel limits no state folder: those of gateways and nodes are watched, and who is beyond its limit is ended some seconds later',
      'put the deployment on a shared folder with a quota, or on a volume of its own',
    ),
  ];
}
