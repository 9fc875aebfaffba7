# Runs a command as process 1 of a pid namespace: when it ends, nothing that it started is left. Ends
# itself when the builder that started it dies.
#
# Arguments: a lock file that the builder holds, then the command.
use strict;
use warnings;

my ($lock, @command) = @ARGV;
my ($F_SETLKW, $F_RDLCK) = (7, 0);

my $watcher = fork() // die "fork: $!";
if ($watcher == 0) {
  open(my $file, '+<', $lock) or exit 1;
  open(STDIN, '<', '/dev/null'); open(STDOUT, '>', '/dev/null'); open(STDERR, '>', '/dev/null');
  # struct flock of 64-bit Linux: granted when the builder, which holds it, has died. To read, as who
  # looks whether it is held must not find us instead.
  fcntl($file, $F_SETLKW, pack('s s x4 q q i x4', $F_RDLCK, 0, 0, 0, 0));
  exit 1;
}
my $started = fork() // die "fork: $!";
if ($started == 0) {
  exec { $command[0] } @command or exit 127;
}
while (1) {
  my $ended = waitpid(-1, 0);
  my $status = $?;
  exit 125 if $ended == -1 || $ended == $watcher;
  next if $ended != $started;
  exit(($status & 127) ? 128 + ($status & 127) : $status >> 8);
}
