# Runs a command that starts a pid namespace, for who has no control groups to see whether all is
# over: a keeper outside our process group holds the output open until the namespace is empty. When
# we are killed, the keeper kills the command and waits for what is left.
#
# Arguments: prctl(2)'s number, a file to be locked until all is over (for who comes after the builder
# was killed), then the command.
use strict;
use warnings;

my ($prctl, $alive, @command) = @ARGV;
my ($F_SETLK, $F_WRLCK) = (6, 1);
my $PR_SET_CHILD_SUBREAPER = 36;

my $group = getpgrp(0);
pipe(my $life_read, my $life_write) or die "pipe: $!";
my $keeper = fork() // die "fork: $!";
if ($keeper) {
  close $life_read;
  open(STDIN, '<', '/dev/null'); open(STDOUT, '>', '/dev/null'); open(STDERR, '>', '/dev/null');
  waitpid($keeper, 0);
  exit(($? & 127) ? 128 + ($? & 127) : $? >> 8);
}
close $life_write;
setpgrp(0, 0);
open(my $held, '>', $alive) or die "$alive: $!";
# struct flock of 64-bit Linux; it is not passed on to children.
fcntl($held, $F_SETLK, pack('s s x4 q q i x4', $F_WRLCK, 0, 0, 0, 0)) or die "$alive: $!";
syscall($prctl, $PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 or die "prctl: $!";
my $command = fork() // die "fork: $!";
if ($command == 0) {
  close $life_read;
  setpgrp(0, $group);
  exec { $command[0] } @command or exit 127;
}
my $guard = fork() // die "fork: $!";
if ($guard == 0) {
  open(STDIN, '<', '/dev/null'); open(STDOUT, '>', '/dev/null'); open(STDERR, '>', '/dev/null');
  sysread($life_read, my $byte, 1);
  kill 'KILL', $command;
  exit 0;
}
open(STDIN, '<', '/dev/null');
my $status = 125 << 8;
while ((my $ended = waitpid(-1, 0)) > 0) {
  if ($ended == $command) {
    $status = $?;
    kill 'KILL', $guard;
  }
}
exit(($status & 127) ? 128 + ($status & 127) : $status >> 8);
