# Makes a copied tree share with its original the files that nobody has changed since it was copied.
#
# note TREE NOTES:
#   notes each regular file's inode and time of change, right after the copy
# share TREE ORIGINAL NOTES UTIMENSAT:
#   replaces each file that still is the one noted by a hard link to the original's. Whatever is done
#   to a file sets its time of change, and nobody can choose that; a directory that was renamed shows
#   in its files' inodes. Nothing may run in the tree meanwhile, and nobody may ever write to either
#   tree again. UTIMENSAT is that call's number.
use strict;
use warnings;

my ($verb, $tree, @rest) = @ARGV;
my ($AT_FDCWD, $AT_SYMLINK_NOFOLLOW) = (-100, 0x100);

sub entries {
  my ($format, @what) = @_;
  open(my $find, '-|', 'find', $tree, '-xdev', @what, '-printf', $format) or die "find: $!";
  local $/ = "\0";
  my @found = <$find>;
  close($find) or die "find failed";
  chomp(@found);
  return @found;
}

if ($verb eq 'note') {
  my ($notes) = @rest;
  open(my $file, '>', $notes) or die "$notes: $!";
  print $file "$_\0" for entries('%i %C@ %P\0', '-type', 'f');
  close($file) or die "$notes: $!";
  # The kernel's clock for files ticks at least a hundred times a second: what changes from now on has a later time.
  select(undef, undef, undef, 0.02);
  exit 0;
}

my ($original, $notes, $utimensat) = @rest;
my %noted;
{
  open(my $file, '<', $notes) or die "$notes: $!";
  local $/ = "\0";
  while (my $note = <$file>) { chomp $note; $noted{$note} = 1 }
}
chdir($tree) or die "$tree: $!";
# Taken before anything is replaced, to be given back: a snapshot is what its step left.
my %times = map { my ($time, $path) = split(/ /, $_, 2); ($path eq '' ? '.' : $path, $time) } entries('%T@ %P\0', '-type', 'd');
my %touched;
for my $entry (entries('%i %C@ %P\0', '-type', 'f')) {
  next unless $noted{$entry};
  my $path = (split(/ /, $entry, 3))[2];
  my ($directory) = $path =~ m{^(.*)/[^/]*$}s;
  $directory //= ".";
  my $new = "$directory/.millrace-share-$$";
  # Fails when a file has as many names as it can have, or a step has used this name: then it stays a copy.
  next unless link("$original/$path", $new);
  rename($new, $path) or die "$path: $!";
  # Two names of one file already: then rename does nothing.
  unlink($new);
  $touched{$directory} = 1;
}
for my $directory (keys %touched) {
  my ($seconds, $fraction) = split(/\./, $times{$directory});
  my $time = pack('q2 q2', (int($seconds), int(substr("${fraction}000000000", 0, 9))) x 2);
  syscall($utimensat + 0, $AT_FDCWD, $directory, $time, $AT_SYMLINK_NOFOLLOW) == 0 or die "$directory: $!";
}
