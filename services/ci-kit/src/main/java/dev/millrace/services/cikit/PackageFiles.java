package dev.millrace.services.cikit;

import java.io.IOException;
import java.util.SortedMap;

/** Reads what an opam repository holds of a package. Thread-safe. */
@FunctionalInterface
public interface PackageFiles {
  /**
   * The files of a package's directory: {@code opam}, and whatever lies in {@code files/}, by their
   * paths relative to it. The arrays belong to the caller.
   *
   * @param pkg {@code name.version}
   * @throws CiKitException if the repository has no such package
   */
  SortedMap<String, byte[]> read(String pkg) throws IOException, InterruptedException;
}
