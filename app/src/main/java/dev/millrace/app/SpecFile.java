package dev.millrace.app;

import dev.millrace.engine.program.CommandException;
import dev.millrace.spec.Spec;
import dev.millrace.spec.SpecException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** Reads the build specs that commands are given. */
final class SpecFile {
  private SpecFile() {}

  /** The spec in a file, or, for {@code -}, on standard input. */
  static Spec read(Path file) throws IOException {
    boolean standard = file.toString().equals("-");
    String text =
        standard
            ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
            : Files.readString(file);
    try {
      return Spec.parse(text);
    } catch (SpecException e) {
      String name = standard ? "standard input" : file.toString();
      throw CommandException.failed(
          e.problems().stream()
              .map(problem -> name + ":" + problem)
              .collect(Collectors.joining("\n")));
    }
  }
}
