# freeze.pl { ro SRC DST | rw SRC DST }... -- ...: run in the new root, with the right to mount. Makes every mount read-only but
# those that a service has to write, then proves it from the table of mounts, whatever mount(8) said.
# After pivot_root, because only there does the table hold no path of the host.
use strict;
use warnings;

sub refuse { print STDERR "lobsterpot: step read-only: $_[0]\n"; exit 125 }

my %writable = map { $_ => 1 } '/tmp';
my %wanted = map { $_ => 1 } '/', '/usr';
while (@ARGV && $ARGV[0] ne '--') {
  my ($access, undef, $to) = splice @ARGV, 0, 3;
  ($access eq 'rw' ? \%writable : \%wanted)->{$to} = 1;
}

# [{id, parent, at, options}]: those that a path leads to; what lies below another mount can be neither reached nor mounted anew.
sub reachable {
  open my $table, '<', '/proc/self/mountinfo' or refuse("the table of mounts: $!");
  my @all;
  while (<$table>) {
    my ($id, $parent, undef, undef, $at, $options) = split ' ';
    # The kernel writes space, tab, newline and backslash as \ooo.
    $at =~ s/\\([0-7]{3})/chr oct $1/ge;
    push @all, { id => $id, parent => $parent, at => $at, options => { map { $_ => 1 } split /,/, $options } };
  }
  my %by = map { $_->{id} => $_ } @all;
  return grep { my $one = $_; !(grep { $_->{parent} eq $one->{id} && $_->{at} eq $one->{at} } @all) && !hidden($one, \%by) } @all;
}

# Whether a mount hangs below a place that another one of the same parent took later, or its parent does.
sub hidden {
  my ($one, $by) = @_;
  for (my $steps = 0; $one && $steps < 1000; $steps++) {
    return 1 if grep { $_->{parent} eq $one->{parent} && index($one->{at}, "$_->{at}/") == 0 } values %$by;
    $one = $by->{ $one->{parent} };
  }
  return 0;
}

sub frozen { grep { !$writable{ $_->{at} } && $_->{at} !~ m{^/(?:proc|dev)(?:/|\z)} } reachable() }

for my $one (frozen()) {
  next unless grep { !$one->{options}{$_} } 'ro', 'nosuid', 'nodev';
  system('mount', '-o', 'remount,bind,ro,nosuid,nodev', $one->{at}) == 0 or refuse("cannot mount $one->{at} again");
}
for my $one (frozen()) {
  delete $wanted{ $one->{at} };
  refuse("$one->{at} can be written") unless $one->{options}{ro};
}
refuse("$_ is no mount of its own") for sort keys %wanted;
