package dev.millrace.app;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;

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
    commands.forEach(command -> Main.run(command, nowhere, nowhere));
  }
}
