package dev.millrace.engine.program;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.InstantSource;
import org.jline.terminal.Terminal;

/** A terminal that understands cursor movement. */
record TerminalConsole(PrintWriter out, Terminal terminal) implements Console {
  private static final int WIDTH = 80;

  @Override
  public Progress progress(InstantSource clock) {
    return new TerminalProgress(out, clock, this::width);
  }

  private int width() {
    int columns = terminal.getSize().getColumns();
    return columns > 0 ? columns : WIDTH;
  }

  @Override
  public void close() {
    try {
      terminal.close();
    } catch (IOException e) {
      // It is gone: there is nothing to leave tidy.
    }
  }
}
