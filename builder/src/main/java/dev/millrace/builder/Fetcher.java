package dev.millrace.builder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Turns the name in a specification's {@code from} into a root file system. Thread-safe. */
public interface Fetcher {
  /**
   * Fills an empty directory with the base's root file system and returns the environment that the
   * image asks for. Progress goes to the log. Interruption stops it.
   *
   * @throws BuilderException if the base cannot be had: what was tried, why it failed, what to do
   */
  List<Sandbox.Variable> fetch(String base, Path rootfs, BuildLog log)
      throws IOException, InterruptedException;
}
