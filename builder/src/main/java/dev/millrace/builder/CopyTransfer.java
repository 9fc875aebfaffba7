package dev.millrace.builder;

import dev.millrace.base.Command;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;

/**
 * Writes the archive that a {@code tar} inside the step unpacks.
 *
 * @param tree where the sources are read
 * @param plan what is put where
 * @param owner who will own it
 * @param rootfs the step's root, to see which directories are there already
 */
record CopyTransfer(SourceTree tree, CopyPlan plan, User owner, Path rootfs)
    implements Command.Input {
  @Override
  public void writeTo(OutputStream stream) throws IOException {
    OutputStream buffered = new BufferedOutputStream(stream, 1 << 16);
    TarWriter out = new TarWriter(buffered, owner);
    try {
      String destination = TarWriter.normalise(plan.destination());
      if (plan.into()) {
        createMissing(destination, out);
        for (Manifest source : plan.sources()) {
          tree.send(source, destination + "/" + source.name(), out);
        }
      } else {
        int end = destination.lastIndexOf('/');
        createMissing(end < 0 ? "" : destination.substring(0, end), out);
        tree.send(plan.sources().getFirst(), destination, out);
      }
      out.finish();
    } catch (StepFailedException e) {
      throw new Command.BrokenInputException(
          "Cannot read the sources of a copy any more: " + e.getMessage(), e);
    }
  }

  /**
   * Directories on the way that are not there yet belong to the copying user; those that are there
   * stay as they are.
   */
  private void createMissing(String directory, TarWriter out) throws IOException {
    StringBuilder path = new StringBuilder();
    for (String part : directory.isEmpty() ? new String[0] : directory.split("/", -1)) {
      path.append(path.isEmpty() ? "" : "/").append(part);
      if (!Linux.existsInside(rootfs, path.toString())) {
        out.directory(path.toString(), Instant.EPOCH);
      }
    }
  }
}
