package dev.millrace.builder;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;

/**
 * The host's only way to touch files that belong to steps.
 *
 * <p>Inside a step, ids run from 0 to 65535; on the host each file belongs to such an id shifted
 * into a range that no person or service has. As root the shift is plain arithmetic; as an ordinary
 * user it is done by the kernel with the user's subordinate ids, so there these operations run in a
 * helper process inside a user namespace. Nothing here follows a symbolic link that a step made.
 * Thread-safe.
 */
public interface StepTrees {
  /**
   * The host's id of a step's id 0, where the builder runs as root. It lies above everything that
   * {@code /etc/subuid} and systemd give away (up to 1879048191) and below what breaks programs
   * that take ids for signed numbers, and never changes: snapshots on disk have it.
   */
  int HOST_ID_BASE = 0x71400000;

  /** The trees of the user who runs this program. */
  static StepTrees ofThisUser() throws IOException {
    return UserIds.isRoot()
        ? new RootStepTrees()
        : new RootlessStepTrees(SubordinateIds.ofThisUser());
  }

  /** The host id of a step's id 0, in root's case; rootless stores never need it. */
  int hostId(int id);

  /**
   * Makes a directory with this owner and mode (for example {@code 0755}); its parent must be the
   * host's.
   */
  void createDirectory(Path directory, User owner, int mode)
      throws IOException, InterruptedException;

  /** Gives a directory itself, which must be no link, to another owner. */
  void chown(Path directory, User owner) throws IOException, InterruptedException;

  /** Gives a directory the owner and the mode of another one. */
  void copyOwnerAndMode(Path from, Path to) throws IOException, InterruptedException;

  /**
   * Copies a whole tree with owners, modes, times, links and attributes, sharing blocks where the
   * file system can.
   */
  void copy(Path from, Path to) throws IOException, InterruptedException;

  /**
   * Notes what is in a tree that was just copied, for {@link #shareUnchanged}; returns when what
   * changes from then on will be seen.
   *
   * @param notes a new file of the host's
   */
  void note(Path tree, Path notes) throws IOException, InterruptedException;

  /**
   * Replaces the files of a tree that did not change since they were noted by hard links to those
   * of its original. Nobody may write to either tree any more.
   */
  void shareUnchanged(Path tree, Path original, Path notes)
      throws IOException, InterruptedException;

  /** Renames a tree on the same file system; the target must not exist. */
  void move(Path from, Path to) throws IOException, InterruptedException;

  /** Removes a tree, of any depth and modes; nothing happens if it is not there. */
  void delete(Path tree) throws IOException, InterruptedException;

  /**
   * Unpacks a plain tar stream with numeric owners below a root file system; entries cannot leave
   * it.
   */
  void unpack(InputStream tar, Path rootfs) throws IOException, InterruptedException;

  /** Writes a root file system as a plain tar stream, with the numeric owners that steps see. */
  void pack(Path rootfs, OutputStream tar) throws IOException, InterruptedException;
}
