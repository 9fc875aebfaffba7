# Mounts an overlay inside a user namespace.
#
# Arguments: mount(2)'s number, its flags, where to, the number of lower layers, these, nearest first;
# then, if it is to be written to, the upper layer and the directory to work in.
use strict;
use warnings;
use Fcntl;

my ($mount, $flags, $target, $count, @layers) = @ARGV;
my $O_PATH = 010000000;

# By descriptors: the text must fit on a page, and names may have commas and colons.
my @open;
my @names = map {
  sysopen(my $handle, $_, $O_PATH) or die "$_: $!\n";
  push @open, $handle;
  "/proc/self/fd/" . fileno($handle);
} @layers;
my $options = "lowerdir=" . join(":", @names[0 .. $count - 1]) . ",userxattr";
# As root's: nothing of a draft matters before its commit, which syncs the file system below.
$options .= ",upperdir=$names[$count],workdir=$names[$count + 1],volatile" if @names > $count;
my $type = "overlay";
syscall($mount, $type, $target, $type, $flags + 0, $options) == 0 or die "mount of an overlay at $target: $!\n";
