# seal.pl FILTER KEEP [--enter PID]... -- COMMAND ARGS...
# The last step before a contained command: closes every descriptor above KEEP, joins a new session keyring,
# loads the syscall filter and becomes COMMAND. With --enter it first steps into the user namespace of PID.
# Call numbers come with the filter (see filter.ts), so nothing here depends on the processor.
use strict;
use warnings;
no warnings 'exec';

my ($CLONE_NEWUSER, $PR_SET_PDEATHSIG, $PR_CAPBSET_DROP, $PR_SET_NO_NEW_PRIVS) = (0x10000000, 1, 24, 38);
my ($KEYCTL_JOIN_SESSION_KEYRING, $SECCOMP_SET_MODE_FILTER, $SIGKILL) = (1, 1, 9);
my ($EPERM, $EINVAL, $ENOSYS) = (1, 22, 38);

sub refuse { print STDERR "lobsterpot: step seal: $_[0]: $!\n"; exit 125 }

my ($filter, $keep) = (shift @ARGV, shift @ARGV);
my @enter;
while (@ARGV && $ARGV[0] eq '--enter') { shift @ARGV; push @enter, shift @ARGV }
refuse('arguments') unless @ARGV > 1 && shift @ARGV eq '--';

my (%call, $program);
$program = '';
open my $text, '<', $filter or refuse("open $filter");
while (<$text>) {
  if (/^call (\w+) (\d+)$/) { $call{$1} = $2 + 0 }
  elsif (/^([0-9a-f]{2}) ([0-9a-f]{2}) ([0-9a-f]{2}) ([0-9a-f]{8}) #/) { $program .= pack 'SCCL', map { hex } $1, $2, $3, $4 }
  elsif (!/^#/) { refuse("line $. of $filter") }
}
close $text;
refuse("no program in $filter") unless length $program;

for my $pid (@enter) {
  open my $namespace, '<', "/proc/$pid/ns/user" or refuse("open namespace of $pid");
  syscall($call{setns}, fileno $namespace, $CLONE_NEWUSER) == 0 or refuse("enter namespace of $pid");
  close $namespace;
}
if (@enter) {
  for my $capability (0 .. 63) {
    last if syscall($call{prctl}, $PR_CAPBSET_DROP, $capability, 0, 0, 0) != 0 && $! == $EINVAL;
  }
  # Stepping into a user namespace changes credentials, and that clears the signal set by setpriv.
  syscall($call{prctl}, $PR_SET_PDEATHSIG, $SIGKILL, 0, 0, 0) == 0 or refuse('parent death signal');
}

syscall($call{prctl}, $PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 or refuse('no new privileges');
# EPERM and ENOSYS: keyrings are already out of reach here (another filter, or a kernel without them).
syscall($call{keyctl}, $KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0) >= 0 or $! == $EPERM or $! == $ENOSYS or refuse('new keyring');

if (syscall($call{close_range}, $keep + 1, 0xffffffff, 0) != 0) {
  require POSIX;
  opendir my $folder, '/proc/self/fd' or refuse('list descriptors');
  my @open = grep { /^\d+$/ && $_ > $keep } readdir $folder;
  closedir $folder;
  POSIX::close($_) for @open;
}

my $header = pack 'Sx6P', length($program) / 8, $program;
syscall($call{seccomp}, $SECCOMP_SET_MODE_FILTER, 0, $header) == 0 or refuse('syscall filter');
exec { $ARGV[0] } @ARGV or refuse("start $ARGV[0]");
