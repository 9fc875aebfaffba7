package dev.millrace.services.cikit;

import dev.millrace.opam.OpamHash;
import java.util.List;

/**
 * A file to be downloaded for a package. Immutable.
 *
 * @param pkg which package needs it, as {@code name.version}
 * @param urls where it may be had, best first
 * @param checksums all of which must be right; at least one
 */
public record ArchiveSource(String pkg, List<String> urls, List<OpamHash> checksums) {
  /** Checks and copies. */
  public ArchiveSource {
    urls = List.copyOf(urls);
    checksums = List.copyOf(checksums);
    if (checksums.isEmpty()) {
      throw new IllegalArgumentException(
          "A source of %s without a checksum cannot be kept".formatted(pkg));
    }
  }
}
