import { arch } from 'node:os';

import { CALLS, REFUSED } from '../syscalls.ts';

/** What outside things the attempts are aimed at; all of them exist while the attempts run. */
export type Targets = {
  /** A TCP port on which something listens on the host's loopback. */
  readonly port: number;
  /** An abstract Unix socket of the host, without its leading zero. */
  readonly abstract: string;
  /** A Unix socket in the host's file system. */
  readonly socket: string;
  /** A process outside. */
  readonly pid: number;
  /** Absolute host paths that must not be readable. */
  readonly paths: readonly string[];
  /** Leaves out what would send a packet, for a run whose network namespace was taken away on purpose. */
  readonly quiet?: boolean;
};

/** Attempt -> `yes` when it worked, else the system's words. */
export type Outcomes = Readonly<Record<string, string>>;

/** Attempts that must work for the others to mean anything. */
export const CONTROLS = ['control-loopback', 'control-unix', 'control-state', 'control-tmp', 'control-config', 'control-exec'] as const;

/**
 * A perl program that tries to get out and prints one JSON object. Perl, because it can make any system call by its number;
 * run it with `perl -` and this text on stdin.
 */
export function escapeScript(targets: Targets): string {
  const cpu = arch() === 'arm64' ? 'arm64' : 'x64';
  const numbers = Object.entries({ ...REFUSED, ...CALLS, mmap: { x64: 9, arm64: 222 } }).flatMap(([name, by]) =>
    by[cpu] === undefined ? [] : [`${name} => ${by[cpu]}`],
  );
  const paths = targets.paths.map((path) => `'${path}'`).join(', ');
  return `use strict; use warnings; use Socket; no warnings;
my %nr = (${numbers.join(', ')});
my ($port, $abstract, $socket, $pid, $x64) = (${targets.port}, '${targets.abstract}', '${targets.socket}', ${targets.pid}, ${cpu === 'x64' ? 1 : 0});
${BODY.replace('__PATHS__', paths).replace('__SENDS__', targets.quiet === true ? '0' : '1')}`;
}

const BODY = String.raw`
my %out;
sub try { my ($name, $code) = @_; $! = 0; my $ok = eval { local $SIG{ALRM} = sub { die "time\n" }; alarm 2; my $r = $code->(); alarm 0; $r };
  my $error = $@ ? $@ : "$!"; alarm 0; chomp $error; $error =~ s/["\\]//g; $out{$name} = $ok ? 'yes' : ($error || 'no') }
sub call { my ($name, @args) = @_; die "no number for $name\n" unless defined $nr{$name}; syscall($nr{$name}, @args) >= 0 }
sub tcp { my ($host, $p) = @_; socket(my $s, PF_INET, SOCK_STREAM, 0) or return 0; connect($s, sockaddr_in($p, inet_aton($host))) }
sub udp { my ($host, $p) = @_; socket(my $s, PF_INET, SOCK_DGRAM, 0) or return 0; defined send($s, 'x', 0, sockaddr_in($p, inet_aton($host))) }
sub unix { my $path = shift; socket(my $s, PF_UNIX, SOCK_STREAM, 0) or return 0; connect($s, pack_sockaddr_un($path)) }
sub family { my ($f, $type, $proto) = @_; socket(my $s, $f, $type, $proto || 0) }
sub creates { my $path = shift; open(my $f, '>', $path) or return 0; close $f; unlink $path; 1 }
sub reads { my $path = shift; if (-d $path) { opendir(my $d, $path) or return 0; return 1 } open(my $f, '<', $path) or return 0; (sysread($f, my $b, 1) // 0) > 0 }
sub runs { my $folder = shift; my $file = "$folder/lp-true"; system('/bin/cp', '/bin/true', $file) == 0 or return 0; chmod 0755, $file;
  my $child = fork; if (!$child) { exec { $file } $file or do { require POSIX; POSIX::_exit($!{EACCES} ? 13 : 14) } } waitpid $child, 0; my $rc = $? >> 8; unlink $file; $! = $rc; $rc == 0 }

sub born { my $child = shift; if ($child == 0) { require POSIX; POSIX::_exit(0) } $child > 0 }

# Controls.
try 'control-loopback', sub { socket(my $l, PF_INET, SOCK_STREAM, 0); bind($l, sockaddr_in(0, INADDR_LOOPBACK)); listen($l, 1); my ($p) = sockaddr_in(getsockname $l); tcp('127.0.0.1', $p) };
try 'control-unix', sub { socketpair(my $a, my $b, AF_UNIX, SOCK_STREAM, 0) };
try 'control-state', sub { creates('/state/lp-test') };
try 'control-tmp', sub { creates('/tmp/lp-test') };
try 'control-config', sub { reads('/config') };
try 'control-exec', sub { system('/bin/true') == 0 };

# Network.
if (__SENDS__) {
  try 'tcp-test-net', sub { tcp('192.0.2.1', 80) };
  try 'tcp-metadata', sub { tcp('169.254.169.254', 80) };
  try 'udp-test-net', sub { udp('192.0.2.1', 53) };
  try 'udp-multicast', sub { udp('224.0.0.251', 5353) };
  try 'dns', sub { defined gethostbyname 'example.com' };
}
try 'tcp-host-loopback', sub { tcp('127.0.0.1', $port) };
try 'icmp-raw', sub { family(PF_INET, SOCK_RAW, 1) };
try 'packet-socket', sub { family(17, SOCK_RAW, 0) };
try 'vsock', sub { family(40, SOCK_STREAM) };
try 'af-alg', sub { family(38, 5) };
try 'netlink-uevent', sub { family(16, SOCK_RAW, 15) };
try 'netlink-audit', sub { family(16, SOCK_RAW, 9) };
try 'netlink-netfilter', sub { family(16, SOCK_RAW, 12) };
# Outputs and life line are sockets that were made in the host's network namespace.
sub asks { my $request = shift; for my $fd (1 .. 9) { my $h; open($h, '>&', $fd) or open($h, '<&', $fd) or next; return 1 if $request->($h) } 0 }
sub is_unix { my $h = shift; my $name = getsockname $h; defined $name && unpack('S', $name) == 1 }
try 'interface-list', sub { asks(sub { my $h = shift; my $b = "\0" x 4096; my $r = pack('l x4 P', 4096, $b); defined ioctl($h, 0x8912, $r) }) };
try 'interface-name', sub { asks(sub { my $h = shift; my $r = pack('Z16 l x20', '', 1); defined ioctl($h, 0x8910, $r) }) };
try 'interface-mac', sub { asks(sub { my $h = shift; my $r = pack('Z16 x24', 'lo'); defined ioctl($h, 0x8927, $r) }) };
try 'interface-by-option', sub { asks(sub { my $h = shift; is_unix($h) && setsockopt($h, 1, 62, pack('l', 1)) && getsockopt($h, 1, 25) }) };
try 'socketpair-tipc', sub { socketpair(my $a, my $b, 30, 1, 0) };
try 'abstract-socket', sub { unix("\0$abstract") };
try 'unix-socket-path', sub { unix($socket) };
try 'docker-socket', sub { unix('/var/run/docker.sock') || unix('/run/docker.sock') };

# Files.
try "read-$_", do { my $path = $_; sub { reads($path) } } for __PATHS__, '/etc/shadow', '/etc/machine-id', '/root', '/home', '/sys', '/boot', '/proc/1/root/', '/proc/1/mem', '/proc/1/environ', '/proc/kcore', '/proc/kmsg', '/proc/keys', '/proc/key-users', '/proc/timer_list', '/proc/config.gz', '/dev/mem', '/dev/kmsg', '/dev/tty', '/dev/fuse', '/dev/net/tun', '/dev/sda', '/dev/vda';
try "write-$_", do { my $path = $_; sub { creates("$path/lp-test") } } for '', '/usr', '/usr/bin', '/runtime', '/opt/lobsterpot', '/config', '/secrets', '/sock', '/etc', '/dev', '/run', '/var', '/proc/sys/kernel';
try 'write-launcher', sub { open my $f, '>>', '/opt/lobsterpot/launcher.mjs' };
try 'write-sysctl', sub { open(my $f, '>', '/proc/sys/kernel/core_pattern') or return 0; 1 };
try 'write-sysrq', sub { open my $f, '>', '/proc/sysrq-trigger' };
try 'write-max-user-namespaces', sub { open(my $f, '>', '/proc/sys/user/max_user_namespaces') or return 0; (syswrite($f, "9") // 0) > 0 };
try 'chmod-runtime', sub { chmod 0777, '/runtime' };
try "run-$_", do { my $path = $_; sub { runs($path) } } for '/state', '/tmp', '/dev/shm';
try 'run-memory', sub { my $n = 'lp'; my $fd = syscall($nr{memfd_create}, $n, 0); return 0 if $fd < 0; open(my $o, '>&=', $fd); binmode $o; open(my $i, '<', '/bin/true'); binmode $i;
  { local $/; print {$o} scalar <$i> } close $i; require IO::Handle; $o->flush; system("/proc/$$/fd/$fd") == 0 };
try 'suid-file', sub { creates('/state/lp-suid'); open(my $f, '>', '/state/lp-suid'); chmod 04755, '/state/lp-suid'; my $suid = 0; open(my $m, '<', '/proc/self/mountinfo'); while (<$m>) { $suid = 1 if / \/state / && !/nosuid/ } unlink '/state/lp-suid'; $suid };

# Processes.
try 'signal-outside', sub { kill 0, $pid };
try 'see-outside', sub { -d "/proc/$pid" };
try 'ptrace-first', sub { call('ptrace', 16, 1, 0, 0) };
try 'read-outside-memory', sub { call('process_vm_readv', 1, 0, 0, 0, 0, 0) };
try 'pidfd', sub { call('pidfd_open', $$, 0) };

# Rights.
try 'mount-tmpfs', sub { my ($a, $b, $c) = ('none', '/tmp', 'tmpfs'); call('mount', $a, $b, $c, 0, 0) };
try 'remount-rw', sub { my ($a, $b) = ('none', '/config'); call('mount', $a, $b, $a, 0x1020, 0) };
try 'umount', sub { my $a = '/config'; call('umount2', $a, 2) };
try 'new-user-namespace', sub { call('unshare', 0x10000000) };
try 'new-net-namespace', sub { call('unshare', 0x40000000) };
try 'clone-user-namespace', sub { born(syscall($nr{clone}, 0x10000000 | 17, 0, 0, 0, 0)) };
try 'clone3', sub { my $a = "\0" x 88; born(syscall($nr{clone3}, $a, 88)) };
try 'setns', sub { open(my $f, '<', '/proc/self/ns/net'); call('setns', fileno $f, 0) };
try 'chroot', sub { chroot '/tmp' };
try 'mknod', sub { my $p = '/state/lp-node'; my $made = system('/bin/mknod', $p, 'c', '1', '3') == 0; unlink $p; $made };
try 'setuid-root', sub { $< = 0; $> = 0; $> == 0 };
try 'open-tree', sub { my $a = '/'; call('open_tree', -100, $a, 1) };
try 'fsopen', sub { my $a = 'tmpfs'; call('fsopen', $a, 0) };
try 'nice', sub { setpriority(0, 0, -5) };
try 'sethostname', sub { my $a = 'evil'; call('sethostname', $a, 4) };
try 'settime', sub { call('settimeofday', 0, 0) };

# Kernel surfaces that no namespace covers.
try 'keyring-add', sub { my ($a, $b, $c) = ('user', 'lp-escape', 'x'); call('add_key', $a, $b, $c, 1, -3) };
try 'keyring-read', sub { my $b = "\0" x 64; call('keyctl', 11, -3, $b, 64, 0) };
try 'bpf', sub { my $a = "\0" x 64; call('bpf', 5, $a, 64) };
try 'perf', sub { my $a = pack('L2Q', 1, 112, 0) . "\0" x 96; call('perf_event_open', $a, 0, -1, -1, 0) };
try 'io-uring', sub { my $a = "\0" x 120; call('io_uring_setup', 4, $a) };
try 'userfaultfd', sub { call('userfaultfd', 1) };
try 'kernel-log', sub { my $b = "\0" x 64; call('syslog', 3, $b, 64) };
try 'personality', sub { call('personality', 0x0040000) };
try 'x32', sub { die "not x86-64\n" unless $x64; syscall(0x40000000 | 39) > 0 };
try 'unknown-call', sub { syscall(470, 0, 0, 0, 0) >= 0 };
try 'terminal-injection', sub { open(my $m, '+<', '/dev/ptmx') or return 0; my $c = 'x'; defined ioctl($m, 0x5412, $c) };

print '{', join(',', map { "\"$_\":\"$out{$_}\"" } sort keys %out), "}\n";
`;

/** Reads what the script printed; anything else is an error. */
export function readOutcomes(stdout: string): Outcomes {
  const value: unknown = JSON.parse(stdout);
  if (typeof value !== 'object' || value === null) throw new TypeError('no outcomes');
  return Object.fromEntries(Object.entries(value).map(([name, outcome]) => [name, String(outcome)]));
}
