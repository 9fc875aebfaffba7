package dev.millrace.app;

import java.io.PrintWriter;
import java.io.Writer;
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
    for (List<String> command :
        List.of(
            List.of("--version"),
            List.of("--help"),
            List.of("completion"),
            List.of("doctor"),
            List.of("no-such"))) {
      Main.run(command, nowhere, nowhere);
    }
  }
}
