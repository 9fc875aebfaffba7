package dev.millrace.app;

import dev.millrace.builder.BuildResult;
import java.io.PrintWriter;

/** Prints every line as it comes, as obuilder does: for files, pipes and CI logs. */
final class PlainBuildConsole implements BuildConsole {
  private static final String HEADING = "\u001b[1;34m";
  private static final String NOTE = "\u001b[33m";
  private static final String PLAIN = "\u001b[0m";

  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean coloured;
  private final StreamText text = new StreamText();

  PlainBuildConsole(PrintWriter out, PrintWriter err, boolean coloured) {
    this.out = out;
    this.err = err;
    this.coloured = coloured;
  }

  @Override
  public void heading(String heading) {
    line(HEADING, heading);
  }

  @Override
  public void note(String note) {
    line(NOTE, note);
  }

  private void line(String color, String line) {
    out.print(text.end());
    out.println(coloured ? color + line + PLAIN : line);
    out.flush();
  }

  @Override
  public void output(byte[] buffer, int length) {
    out.print(text.decode(buffer, length));
    out.flush();
  }

  @Override
  public void built(BuildResult.Built result) {
    out.println("Got: \"%s\"".formatted(result.id()));
    out.flush();
  }

  @Override
  public void failed(BuildResult.Failed result) {
    err.println("Build step failed: " + result.message());
  }

  @Override
  public void cancelled() {
    err.println("Cancelled at user's request");
  }

  @Override
  public void close() {
    out.flush();
  }
}
