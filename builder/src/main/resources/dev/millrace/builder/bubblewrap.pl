# Runs one step in a box that bubblewrap makes, as process 1 of a pid and a mount namespace of its
# own: when it ends, nothing that it started is left. Ends itself when the builder that started it dies.
#
# bubblewrap lets nothing that it starts gain privileges, so sudo would not work. It therefore starts
# a placeholder only, the image's /bin/sh waiting for its input to end; the step enters that box's
# namespaces from here. The placeholder is the image's, so it has no privileges at all.
#
# Arguments: lock file of the builder, bundle directory, numbers of mount(2), prctl(2) and setns(2),
# uid and gid of the step, the capabilities it may have (as a sum), whether it may gain privileges
# and groups may be set (yes or no), file of the system call filter, number of sources, the sources, a target inside for
# each source but the first (which is the root file system), then bubblewrap's command. Sources are
# found by it as /tmp/0, /tmp/1 ...; the arguments "FILTER" and "INFO" become descriptors' numbers,
# "TARGET1", "TARGET2" ... the targets.
# Reads "step" in the bundle: directory, number of variables, variables, program and arguments, each
# ended by a zero byte. Leaves there: "log" (complaints of ours and of bubblewrap), and "status" (of
# the step, as a shell would tell it; empty if the step was not started).
use strict;
use warnings;
use Cwd ();
use Fcntl;
use POSIX ();

my ($lock, $bundle, $mount, $prctl, $setns, $uid, $gid, $capabilities, $gains, $filter, $count, @rest) = @ARGV;
my @sources = splice(@rest, 0, $count);
my @targets = splice(@rest, 0, $count - 1);
my ($MS_NODEV, $MS_REMOUNT, $MS_BIND, $O_PATH) = (4, 32, 4096, 010000000);
my ($F_SETLKW, $F_RDLCK) = (7, 0);
my ($PR_SET_DUMPABLE, $PR_SET_SECCOMP, $PR_CAPBSET_READ, $PR_CAPBSET_DROP, $PR_SET_NO_NEW_PRIVS) = (4, 22, 23, 24, 38);
my ($NONE, $EMPTY) = ("none", "");

# Told of trouble by who is between here and the step's command.
my $trouble;
open(my $log, '>', "$bundle/log") or exit 125;

# The step's output is the step's alone.
$SIG{__WARN__} = sub { syswrite($log, $_[0]) };

sub fail {
  syswrite($log, "cannot start: $_[0]: $!\n");
  syswrite($trouble, "!") if $trouble;
  POSIX::_exit(125);
}

sub make_directory {
  my $made = "";
  for my $part (grep { length } split(m{/}, $_[0])) { $made .= "/$part"; mkdir($made, 0755); }
}

sub silence {
  open(STDIN, '<', '/dev/null'); open(STDOUT, '>', '/dev/null'); open(STDERR, '>', '/dev/null');
}

sub content {
  open(my $file, '<', $_[0]) or fail($_[0]);
  local $/;
  return scalar(<$file>);
}

my ($directory, $variables, @words) = split(/\0/, content("$bundle/step"), -1);
pop @words;
my %environment = map { split(/=/, $_, 2) } splice(@words, 0, $variables);
my $program = content($filter);
# Opened now, as all of this may lie in /tmp, which is hidden below.
$^F = 255;
open(my $filter_file, '<', $filter) or fail($filter);
$^F = 2;
open(my $status_file, '>', "$bundle/status") or fail("status");

# The sources lie where the step's user may not go: they are opened here, and shown in /tmp.
my @opened;
for my $source (@sources) {
  sysopen(my $handle, $source, $O_PATH) or fail($source);
  push @opened, $handle;
}
open(my $held, '+<', $lock) or fail($lock);
my ($tmp, $tmpfs, $options) = ("/tmp", "tmpfs", "mode=0755,size=64k");
syscall($mount, $tmpfs, $tmp, $tmpfs, 0, $options) == 0 or fail("tmpfs");
for my $i (0 .. $#sources) {
  my $target = "/tmp/$i";
  if (-d $opened[$i]) { mkdir($target) }
  else { open(my $file, '>', $target) or fail($target) }
  my $from = "/proc/self/fd/" . fileno($opened[$i]);
  syscall($mount, $from, $target, $EMPTY, $MS_BIND, 0) == 0 or fail("bind $sources[$i]");
}

# What is mounted on must be there. Inside the tree, so that its links lead nowhere else.
# And said without any link: bubblewrap follows those of the tree, out of it, and makes what is missing.
pipe(my $made_read, my $made_write) or fail("pipe");
my $maker = fork() // fail("fork");
if ($maker == 0) {
  chroot("/tmp/0") or fail("chroot");
  chdir("/");
  for my $own ("/proc", "/dev", "/sys") { POSIX::_exit(1) if -l $own }
  for my $i (1 .. $#sources) {
    my $target = $targets[$i - 1];
    if (-d $opened[$i]) { make_directory($target) }
    elsif (!-e $target) {
      make_directory($target =~ s{/[^/]*$}{}r);
      open(my $file, '>', $target);
    }
    my $real = -e $target ? Cwd::realpath($target) : undef;
    POSIX::_exit(2) if !defined $real;
    syswrite($made_write, "$real\0");
  }
  make_directory($directory);
  POSIX::_exit(0);
}
close $made_write;
my @real = split(/\0/, do { local $/; <$made_read> } // "");
waitpid($maker, 0);
if ($? != 0) {
  syswrite($log, ($? >> 8) == 1 ? "/proc, /dev and /sys must be directories, and one is a link" : "a mount's target cannot be made");
  exit 125;
}
my %targets = map { ("TARGET" . ($_ + 1), $real[$_]) } 0 .. $#real;

# So that the step may open /dev/stdout again, and read its secrets.
chown $uid, $gid, *STDIN, *STDOUT;
for my $i (1 .. $#sources) { chown $uid, $gid, "/tmp/$i" if $sources[$i] =~ m{/secret-\d+$} }

my $watcher = fork() // fail("fork");
if ($watcher == 0) {
  silence();
  # struct flock of 64-bit Linux: granted when the builder, which holds it, has died. To read, as who
  # looks whether it is held must not find us instead.
  fcntl($held, $F_SETLKW, pack('s s x4 q q i x4', $F_RDLCK, 0, 0, 0, 0));
  exit 1;
}

# The box. The placeholder says when it stands, and ends when we do.
pipe(my $wait_read, my $wait_write) or fail("pipe");
pipe(my $ready_read, my $ready_write) or fail("pipe");
$^F = 255;
pipe(my $info_read, my $info_write) or fail("pipe");
$^F = 2;
my $box = fork() // fail("fork");
if ($box == 0) {
  close $info_read;
  open(STDIN, '<&', $wait_read); open(STDOUT, '>&', $ready_write); open(STDERR, '>>&', $log);
  my %numbers = (%targets, FILTER => fileno($filter_file), INFO => fileno($info_write));
  my @command = map { $numbers{$_} // $_ } @rest;
  chdir("/");
  exec { $command[0] } @command or fail($command[0]);
}
close $_ for $wait_read, $ready_write, $info_write, $filter_file;
my $info = "";
while (index($info, "}") < 0) { sysread($info_read, $info, 4096, length($info)) or last }
close $info_read;
sysread($ready_read, my $byte, 1) or exit 125;
my ($inside) = $info =~ /"child-pid": *(\d+)/ or fail("no pid from bubblewrap");

# Becomes a member of the box: all but the last namespace first, as that one hides /proc.
sub enter {
  my @wanted;
  for my $kind ("ipc", "uts", "cgroup", "net", "pid", "mnt") {
    my $path = "/proc/$inside/ns/$kind";
    next if (readlink($path) // "") eq (readlink("/proc/self/ns/$kind") // "");
    open(my $handle, '<', $path) or fail($path);
    push @wanted, [$kind, $handle];
  }
  my @root = stat($opened[0]);
  for my $namespace (@wanted) {
    syscall($setns, fileno($namespace->[1]), 0) == 0 or fail("enter $namespace->[0]");
  }
  my @entered = stat("/");
  "@entered[0, 1]" eq "@root[0, 1]" or fail("the box has another root");
  # bubblewrap mounts it without set-uid programs. The host's file system may be mounted so too: then it stays.
  my $root = "/";
  syscall($mount, $NONE, $root, $EMPTY, $MS_BIND | $MS_REMOUNT | $MS_NODEV, 0) if $gains eq 'yes';
}

# From here on there is nothing that the step's command may not have.
sub confine {
  for my $capability (0 .. 63) {
    last if syscall($prctl, $PR_CAPBSET_READ, $capability, 0, 0, 0) < 0;
    next if $capabilities & (1 << $capability);
    syscall($prctl, $PR_CAPBSET_DROP, $capability, 0, 0, 0) == 0 or fail("capability $capability");
  }
  if ($gains eq 'yes') {
    $) = "$gid $gid";
    POSIX::setgid($gid) or fail("group $gid");
  } else {
    syscall($prctl, $PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 or fail("no new privileges");
  }
  my $filter_program = pack('S x6 P', length($program) / 8, $program);
  syscall($prctl, $PR_SET_SECCOMP, 2, $filter_program, 0, 0) == 0 or fail("filter");
  if ($uid != 0) { POSIX::setuid($uid) or fail("user $uid") }
  $< == $uid && $> == $uid && $( == $gid && $) == $gid or fail("become $uid:$gid");
}

pipe(my $start, $trouble) or fail("pipe");
my $entry = fork() // fail("fork");
if ($entry == 0) {
  close $start;
  # Nobody in there may look at us before we are the step.
  syscall($prctl, $PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (open(my $score, '>', "/proc/self/oom_score_adj")) { print $score 500; close $score }
  enter();
  my $step = fork() // fail("fork");
  if ($step == 0) {
    POSIX::setsid();
    umask 0022;
    confine();
    %ENV = %environment;
    chdir($directory) or do { print STDERR "cannot enter $directory: $!\n"; POSIX::_exit(126) };
    exec { $words[0] } @words or print STDERR "exec: $words[0]: $!\n";
    POSIX::_exit(127);
  }
  silence();
  close $trouble;
  waitpid($step, 0);
  POSIX::_exit(($? & 127) ? 128 + ($? & 127) : $? >> 8);
}
close $trouble;
silence();
# At its end without a word: the step's command runs, or cannot be found.
exit 125 if sysread($start, $byte, 1);
while (1) {
  my $ended = waitpid(-1, 0);
  my $status = $?;
  exit 125 if $ended == -1 || $ended == $watcher;
  next if $ended != $entry;
  print $status_file ($status & 127) ? 128 + ($status & 127) : $status >> 8;
  close($status_file) or exit 125;
  exit 0;
}
