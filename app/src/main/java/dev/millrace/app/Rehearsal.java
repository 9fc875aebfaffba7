package dev.millrace.app;

import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs the common commands once, for nothing but the classes they load: the launcher records them
 * in the cache from which later processes start fast.
 */
public final class Rehearsal {
  private Rehearsal() {}

  /** Rehearses. */
  public static void main(String[] args) {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    List<List<String>> commands = new ArrayList<>();
    commands.add(List.of("--version"));
    commands.add(List.of("--help"));
    commands.add(List.of("no-such-command"));
    commands.add(List.of("doctor"));
    commands.add(List.of("completion"));
    Commands.all().keySet().forEach(name -> commands.add(List.of(name, "--help")));
    // The jar lies in app/target of the distribution; without the examples there is less to record.
    Path repository =
        Path.of(System.getProperty("java.class.path", ""))
            .toAbsolutePath()
            .resolve("../../../examples/opam-repository")
            .normalize();
    if (Files.isDirectory(repository)) {
      List<String> solve = List.of("solve", "--repository", repository.toString(), "tabular");
      commands.add(solve);
      commands.add(Stream.concat(solve.stream(), Stream.of("--json", "--explain")).toList());
    }
    commands.forEach(command -> Main.run(command, nowhere, nowhere));
  }
}
