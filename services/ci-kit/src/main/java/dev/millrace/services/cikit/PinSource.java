package dev.millrace.services.cikit;

import java.io.IOException;
import java.nio.file.Path;

/** Brings commits of git repositories here. Thread-safe. */
@FunctionalInterface
public interface PinSource {
  /**
   * Writes the files of a commit into a directory that is empty or absent.
   *
   * @param url https, or a local {@code file:///} address
   * @param commit in hexadecimal
   * @throws RuntimeException if it cannot be had, with a message for users
   */
  void export(String url, String commit, Path target) throws IOException, InterruptedException;
}
