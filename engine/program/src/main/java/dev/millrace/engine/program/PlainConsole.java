package dev.millrace.engine.program;

import java.io.PrintWriter;
import java.time.InstantSource;

/** A file, a pipe, a CI log. */
record PlainConsole(PrintWriter out, PrintWriter err) implements Console {
  @Override
  public Progress progress(InstantSource clock) {
    return new PlainProgress(out, err, clock);
  }

  @Override
  public void close() {}
}
