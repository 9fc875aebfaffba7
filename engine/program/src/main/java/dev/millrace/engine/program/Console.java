package dev.millrace.engine.program;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jline.terminal.TerminalBuilder;

/** What the standard output is: a person's terminal, or something that keeps every line. */
public sealed interface Console extends AutoCloseable permits PlainConsole, TerminalConsole {
  /** Progress in the way that fits. */
  Progress progress(InstantSource clock);

  /** Leaves the terminal as it was. */
  @Override
  void close();

  /** Finds out. */
  static Console of(PrintWriter out, PrintWriter err) {
    Map<String, String> environment = System.getenv();
    boolean terminal =
        Optional.ofNullable(System.console()).map(java.io.Console::isTerminal).orElse(false)
            && !environment.getOrDefault("TERM", "dumb").toLowerCase(Locale.ROOT).equals("dumb")
            && !environment.containsKey("CI");
    if (terminal) {
      try {
        return new TerminalConsole(out, TerminalBuilder.builder().system(true).dumb(true).build());
      } catch (IOException e) {
        // A terminal that cannot be asked for its size is written to like a file.
      }
    }
    return new PlainConsole(out, err);
  }
}
