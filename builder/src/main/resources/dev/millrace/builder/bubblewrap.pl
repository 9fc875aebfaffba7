# Runs bubblewrap as process 1's child in a pid and a mount namespace of its own, as the step's user.
# Ends itself when the builder that started it dies.
#
# Arguments: lock file of the builder, mount(2)'s number, uid, gid, file of the system call filter,
# directory to be made inside, number of sources, the sources, a target inside for each source but
# the first (which is the root file system), then the command. Sources are found by the command
# as /tmp/0, /tmp/1 ...; the argument "FILTER" becomes the number of the filter's descriptor.
use strict;
use warnings;
use Fcntl;

my ($lock, $mount, $uid, $gid, $filter, $directory, $count, @rest) = @ARGV;
my @sources = splice(@rest, 0, $count);
my @targets = splice(@rest, 0, $count - 1);
my ($MS_BIND, $O_PATH) = (4096, 010000000);
my ($F_SETLKW, $F_WRLCK) = (7, 1);

sub fail { print STDERR "bwrap: cannot start: $_[0]: $!\n"; exit 125 }

sub make_directory {
  my $made = "";
  for my $part (grep { length } split(m{/}, $_[0])) { $made .= "/$part"; mkdir($made, 0755); }
}

# The sources lie where the step's user may not go: they are opened here, and shown in /tmp.
my @opened;
for my $source (@sources) {
  sysopen(my $handle, $source, $O_PATH) or fail($source);
  push @opened, $handle;
}
$^F = 255;
open(my $program, '<', $filter) or fail($filter);
$^F = 2;
open(my $held, '+<', $lock) or fail($lock);
my ($tmp, $tmpfs, $options, $nothing) = ("/tmp", "tmpfs", "mode=0755,size=64k", "");
syscall($mount, $tmpfs, $tmp, $tmpfs, 0, $options) == 0 or fail("tmpfs");
for my $i (0 .. $#sources) {
  my $target = "/tmp/$i";
  if (-d $opened[$i]) { mkdir($target) }
  else { open(my $file, '>', $target) or fail($target) }
  my $from = "/proc/self/fd/" . fileno($opened[$i]);
  syscall($mount, $from, $target, $nothing, $MS_BIND, 0) == 0 or fail("bind $sources[$i]");
}

# What is mounted on must be there. Inside the tree, so that its links lead nowhere else.
my $maker = fork() // fail("fork");
if ($maker == 0) {
  chroot("/tmp/0") or exit 1;
  chdir("/");
  for my $i (1 .. $#sources) {
    my $target = $targets[$i - 1];
    if (-d $opened[$i]) { make_directory($target) }
    elsif (!-e $target) {
      make_directory($target =~ s{/[^/]*$}{}r);
      open(my $file, '>', $target);
    }
  }
  make_directory($directory);
  exit 0;
}
waitpid($maker, 0);

# So that the step may open /dev/stdout again, and read its secrets.
chown $uid, $gid, *STDIN, *STDOUT;
for my $i (1 .. $#sources) { chown $uid, $gid, "/tmp/$i" if $sources[$i] =~ m{/secret-\d+$} }

my $watcher = fork() // fail("fork");
if ($watcher == 0) {
  open(STDIN, '<', '/dev/null'); open(STDOUT, '>', '/dev/null'); open(STDERR, '>', '/dev/null');
  # struct flock of 64-bit Linux: granted when the builder, which holds it, has died.
  fcntl($held, $F_SETLKW, pack('s s x4 q q i x4', $F_WRLCK, 0, 0, 0, 0));
  exit 1;
}
my $step = fork() // fail("fork");
if ($step == 0) {
  if ($uid != 0) {
    ($(, $)) = ($gid, "$gid $gid");
    ($<, $>) = ($uid, $uid);
    $> == $uid && $) == $gid or fail("become $uid");
  }
  my $number = fileno($program);
  my @command = map { $_ eq 'FILTER' ? $number : $_ } @rest;
  chdir("/");
  exec { $command[0] } @command or fail($command[0]);
}
open(STDIN, '<', '/dev/null'); open(STDOUT, '>', '/dev/null'); open(STDERR, '>', '/dev/null');
while (1) {
  my $ended = waitpid(-1, 0);
  exit(($? & 127) ? 128 + ($? & 127) : $? >> 8) if $ended == $step;
  exit 125 if $ended == -1 || $ended == $watcher;
}
