/** What makes the lab's NAS like a Synology; each can be left out. */
export type NasOddities = {
  /** docker is only at /usr/local/bin, which is on no PATH, its socket is root's, and sudo lets the login user call just that. */
  readonly dockerNeedsSudo: boolean;
  readonly noSftp: boolean;
  readonly noForwarding: boolean;
  /** System calls that are newer than Linux 4.4 do not exist in containers. */
  readonly oldKernel: boolean;
  /** The engine has neither the cpu nor the pids control group. */
  readonly noCpuNoPids: boolean;
};

export const SYNOLOGY: NasOddities = { dockerNeedsSudo: true, noSftp: true, noForwarding: true, oldKernel: true, noCpuNoPids: true };

// Linux 4.5 and later; a program that gets ENOSYS takes its older way.
const SINCE_4_5 = [
  'openat2',
  'statx',
  'clone3',
  'faccessat2',
  'pidfd_open',
  'pidfd_getfd',
  'pidfd_send_signal',
  'close_range',
  'copy_file_range',
  'preadv2',
  'pwritev2',
  'io_uring_setup',
  'io_uring_enter',
  'io_uring_register',
] as const;

/** The engine's default seccomp profile on such a kernel: everything is allowed but what such a kernel does not have. */
export function oldKernelProfile(): string {
  const rules = [
    { names: SINCE_4_5, action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
    // DSM's kernel is built without user namespaces: EINVAL.
    { names: ['unshare'], action: 'SCMP_ACT_ERRNO', errnoRet: 22 },
  ];
  return `${JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: rules }, undefined, 2)}\n`;
}
