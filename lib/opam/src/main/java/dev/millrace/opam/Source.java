package dev.millrace.opam;

import java.util.List;
import java.util.Optional;

/** Where an archive or a repository of sources is: section {@code url} or {@code extra-source}. */
public record Source(
    String src, List<String> mirrors, List<OpamHash> checksums, Optional<String> subpath) {
  /** Copies the lists. */
  public Source {
    mirrors = List.copyOf(mirrors);
    checksums = List.copyOf(checksums);
  }
}
