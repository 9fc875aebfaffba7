package dev.millrace.app;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * All commands by name, in the order of {@code --help}. A command's class is loaded only when it is
 * called or listed, so that a start costs the same however many there are.
 */
final class Commands {
  private Commands() {}

  /** Name to what makes the object that picocli fills and calls. */
  static Map<String, Supplier<Object>> all() {
    Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
    commands.put("local", LocalCommand::new);
    commands.put("run", RunCommand::new);
    commands.put("new", NewCommand::new);
    commands.put("solve", SolveCommand::new);
    commands.put("revdeps", RevdepsCommand::new);
    commands.put("builder", BuilderCommands::new);
    commands.put("opam", OpamCommands::new);
    commands.put("solver", SolverCommands::new);
    commands.put("completion", CompletionCommand::new);
    commands.put("doctor", DoctorCommand::new);
    return Collections.unmodifiableMap(commands);
  }
}
