# Runs one container as process 1 of a pid namespace of its own: when it ends, nothing that it
# started is left, whatever happened. Ends itself when the builder that started it dies.
#
# Arguments: lock file of the builder, bundle directory, root file system, mount(2)'s number,
# uid and gid of the step as they are called here, then the command that starts the container in the background.
# Leaves in the bundle: "pid" (written by the runtime), then "status" (of the step, as wait(2)'s).
use strict;
use warnings;

my ($lock, $bundle, $rootfs, $mount, $uid, $gid, @command) = @ARGV;
my ($MS_REMOUNT, $MS_BIND, $MS_NODEV) = (32, 4096, 4);
my ($F_SETLKW, $F_RDLCK) = (7, 0);

sub fail { print STDERR "cannot start a container: $_[0]: $!\n"; exit 125 }

# A mount of our own: the store's directories are closed to the step's root, and its mounts do
# not honour set-uid programs; both must end at this door.
my $inside = "$bundle/rootfs";
my $none = "none";
my $nothing = "";
syscall($mount, $rootfs, $inside, $nothing, $MS_BIND, 0) == 0 or fail("bind $rootfs");
# An ordinary user may not lift what the file system was mounted with: then it stays.
syscall($mount, $none, $inside, $nothing, $MS_BIND | $MS_REMOUNT | $MS_NODEV, 0);

# So that the step may open /dev/stdout again, and read its secrets.
opendir(my $files, $bundle) or fail($bundle);
chown $uid, $gid, *STDIN, *STDOUT, map { "$bundle/$_" } grep { /^secret-/ } readdir($files);

my $watcher = fork();
defined $watcher or fail("fork");
if ($watcher == 0) {
  open(my $file, '+<', $lock) or exit 1;
  open(STDIN, '<', '/dev/null'); open(STDOUT, '>', '/dev/null'); open(STDERR, '>', '/dev/null');
  # struct flock of 64-bit Linux: granted when the builder, which holds it, has died. To read, as who
  # looks whether it is held must not find us instead.
  fcntl($file, $F_SETLKW, pack('s s x4 q q i x4', $F_RDLCK, 0, 0, 0, 0));
  exit 1;
}

my $started = system { $command[0] } @command;
my $pid = 0;
if (open(my $file, '<', "$bundle/pid")) { $pid = int(<$file> // 0) }
exit 125 if $started != 0 || $pid == 0;

open(STDIN, '<', '/dev/null'); open(STDOUT, '>', '/dev/null'); open(STDERR, '>', '/dev/null');
while (1) {
  my $ended = waitpid(-1, 0);
  my $status = $?;
  exit 125 if $ended == -1 || $ended == $watcher;
  next if $ended != $pid;
  open(my $file, '>', "$bundle/status") or exit 125;
  print $file $status;
  close($file) or exit 125;
  exit 0;
}
