# Keeps a user and a mount namespace, as their only process, until its input ends.
#
# Argument: mount(2)'s number. Prints its process number when all is ready.
use strict;
use warnings;

my ($mount) = @ARGV;
my ($MS_REC, $MS_SHARED) = (1 << 14, 1 << 20);
my ($none, $root, $nothing) = ("none", "/", "");

# What we mount and unmount is mounted and unmounted in the namespaces of steps too.
syscall($mount, $none, $root, $nothing, $MS_REC | $MS_SHARED, 0) == 0 or die "cannot share mounts: $!\n";
$| = 1;
print "$$\n";
sysread(STDIN, my $byte, 1);
