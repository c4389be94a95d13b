/** The processors the syscall filter is built for, as `HostFacts.arch` names them. */
export type Arch = 'x64' | 'arm64';

/** A system call's number per processor; undefined where it does not exist. Source: the kernel's unistd.h of 6.12. */
export type Numbers = { readonly x64: number; readonly arm64: number | undefined };

const both = (number: number): { readonly x64: number; readonly arm64: number } => ({ x64: number, arm64: number });
const of = <A extends number | undefined>(x64: number, arm64: A): { readonly x64: number; readonly arm64: A } => ({ x64, arm64 });

/** What the filter looks into, or seal.pl calls by number. */
export const CALLS = {
  socket: of(41, 198),
  socketpair: of(53, 199),
  setsockopt: of(54, 208),
  memfd_create: of(319, 279),
  clone: of(56, 220),
  clone3: both(435),
  ioctl: of(16, 29),
  prctl: of(157, 167),
  keyctl: of(250, 219),
  seccomp: of(317, 277),
  setns: of(308, 268),
  close_range: both(436),
} as const;

/**
 * System calls that no service needs and that have been a way out of a container, or reach what namespaces do not cover.
 * Refused with EPERM; both OpenClaw's gateway and its node host run without them (measured).
 */
export const REFUSED: Readonly<Record<string, Numbers>> = {
  // Other processes.
  ptrace: of(101, 117),
  process_vm_readv: of(310, 270),
  process_vm_writev: of(311, 271),
  process_madvise: both(440),
  process_mrelease: both(448),
  pidfd_open: both(434),
  pidfd_getfd: both(438),
  kcmp: of(312, 272),
  move_pages: of(279, 239),
  migrate_pages: of(256, 238),
  // Namespaces and mounts.
  unshare: of(272, 97),
  setns: of(308, 268),
  mount: of(165, 40),
  umount2: of(166, 39),
  pivot_root: of(155, 41),
  chroot: of(161, 51),
  open_tree: both(428),
  move_mount: both(429),
  fsopen: both(430),
  fsconfig: both(431),
  fsmount: both(432),
  fspick: both(433),
  mount_setattr: both(442),
  open_tree_attr: both(467),
  name_to_handle_at: of(303, 264),
  open_by_handle_at: of(304, 265),
  fanotify_init: of(300, 262),
  // Keyrings: they belong to a user or a session, not to a namespace.
  add_key: of(248, 217),
  request_key: of(249, 218),
  keyctl: of(250, 219),
  // Large kernel surfaces with a long record of privilege escalations.
  bpf: of(321, 280),
  perf_event_open: of(298, 241),
  userfaultfd: of(323, 282),
  io_uring_setup: both(425),
  io_uring_enter: both(426),
  io_uring_register: both(427),
  // The machine itself.
  syslog: of(103, 116),
  reboot: of(169, 142),
  kexec_load: of(246, 104),
  kexec_file_load: of(320, 294),
  init_module: of(175, 105),
  finit_module: of(313, 273),
  delete_module: of(176, 106),
  create_module: of(174, undefined),
  swapon: of(167, 224),
  swapoff: of(168, 225),
  acct: of(163, 89),
  quotactl: of(179, 60),
  quotactl_fd: both(443),
  settimeofday: of(164, 170),
  clock_settime: of(227, 112),
  sethostname: of(170, 161),
  setdomainname: of(171, 162),
  vhangup: of(153, 58),
  iopl: of(172, undefined),
  ioperm: of(173, undefined),
  modify_ldt: of(154, undefined),
  // Obsolete.
  personality: of(135, 92),
  uselib: of(134, undefined),
  nfsservctl: of(180, 42),
  lookup_dcookie: of(212, 18),
};

/** Calls with a greater number came after this table was written: refused with ENOSYS until somebody has judged them. */
export const NEWEST_KNOWN = 469;
