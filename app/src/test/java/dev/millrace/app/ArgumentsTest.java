package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.program.CommandLines;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * Goal: no argument of any command names a file to read more arguments from (R8). Method: each
 * command is given {@code @FILE}, and must not come to know what is in it. With the library's
 * default, which is the planted bug, each one does.
 */
class ArgumentsTest {
  private static final String SECRET = "--what-the-file-says";

  @TempDir Path directory;

  private Path file = Path.of("");

  @BeforeEach
  void writeFile() throws Exception {
    file = Files.writeString(directory.resolve("arguments"), SECRET + "\n");
  }

  private static CommandLine commands() {
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    return CommandLines.setUp(Main.commandLineOfAll(), nowhere, nowhere)
        .setUnmatchedArgumentsAllowed(true);
  }

  /** The words that call each command. */
  private static List<List<String>> calls(CommandLine line, List<String> before) {
    List<List<String>> calls = new ArrayList<>();
    line.getSubcommands()
        .forEach(
            (name, command) -> {
              List<String> call = new ArrayList<>(before);
              call.add(name);
              calls.add(call);
              calls.addAll(calls(command, call));
            });
    return calls;
  }

  /** All that a command makes of the argument, as far as it gets. */
  private String takes(CommandLine root, List<String> call) {
    List<String> words = new ArrayList<>(call);
    words.add("@" + file);
    CommandLine command = root;
    for (String name : call) {
      command = Objects.requireNonNull(command.getSubcommands().get(name));
    }
    String said = "";
    try {
      said = root.parseArgs(words.toArray(String[]::new)).expandedArgs().toString();
    } catch (ParameterException e) {
      // What is missing, for example.
      said = String.valueOf(e.getMessage());
    }
    return said + command.getUnmatchedArguments();
  }

  @Test
  void anArgumentOfAnyCommandIsTakenAsItIs() {
    assertThat(calls(commands(), List.of()))
        .hasSizeGreaterThanOrEqualTo(Commands.all().size())
        .noneSatisfy(call -> assertThat(takes(commands(), call)).contains(SECRET));
  }

  @Test
  void aCommandThatReadsArgumentsFromFilesIsFound() {
    assertThat(calls(commands(), List.of()))
        .allSatisfy(
            call -> assertThat(takes(commands().setExpandAtFiles(true), call)).contains(SECRET));
  }
}
