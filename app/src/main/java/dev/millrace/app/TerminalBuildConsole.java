package dev.millrace.app;

import dev.millrace.builder.BuildResult;
import dev.millrace.engine.program.PlainText;
import java.io.PrintWriter;

/**
 * A person's terminal: each step's number and heading, its output as it comes, and steps that were
 * made before folded into a count. Nothing that a step prints steers the terminal.
 */
final class TerminalBuildConsole implements BuildConsole {
  private static final String HEADING = "\u001b[1;34m";
  private static final String NOTE = "\u001b[33m";
  private static final String GOOD = "\u001b[32m";
  private static final String BAD = "\u001b[31m";
  private static final String PLAIN = "\u001b[0m";

  private final PrintWriter out;
  private final int steps;
  private final StreamText text = new StreamText();
  private final StringBuilder line = new StringBuilder();
  private int step;
  private int folded;
  private boolean found;
  private String heading = "";

  TerminalBuildConsole(PrintWriter out, int steps) {
    this.out = out;
    this.steps = steps;
  }

  @Override
  public void heading(String next) {
    // What waits changed nothing but what is to come: it is told by its number alone.
    step++;
    found = false;
    heading = "[%d/%d] %s".formatted(step, steps, next);
  }

  /** Prints the heading that waits to be known as one of a step that runs. */
  private void flushHeading() {
    if (!heading.isEmpty()) {
      unfold();
      out.println(HEADING + PlainText.of(heading.lines().findFirst().orElse("")) + PLAIN);
      heading = "";
    }
    out.flush();
  }

  private void unfold() {
    if (folded > 0) {
      out.println(
          NOTE + "%d %s made before".formatted(folded, folded == 1 ? "step" : "steps") + PLAIN);
      folded = 0;
    }
  }

  @Override
  public void started() {
    flushHeading();
  }

  @Override
  public void found() {
    found = true;
    folded++;
    heading = "";
  }

  @Override
  public void output(byte[] buffer, int length) {
    if (found) {
      return;
    }
    flushHeading();
    line.append(text.decode(buffer, length));
    int end = line.lastIndexOf("\n");
    if (end >= 0) {
      line.substring(0, end).lines().map(PlainText::of).forEach(out::println);
      line.delete(0, end + 1);
    }
    out.flush();
  }

  @Override
  public void note(String note) {
    if (found) {
      return;
    }
    flushHeading();
    line.append(text.end());
    if (!line.isEmpty()) {
      out.println(PlainText.of(line.toString()));
      line.setLength(0);
    }
    out.println(NOTE + note + PLAIN);
    out.flush();
  }

  @Override
  public void built(BuildResult.Built result) {
    unfold();
    out.println(GOOD + "✓ built " + PLAIN + result.id());
  }

  @Override
  public void failed(BuildResult.Failed result) {
    end(BAD + "✗ " + PLAIN + PlainText.of(result.message()));
  }

  @Override
  public void cancelled() {
    end(BAD + "⊘ cancelled" + PLAIN);
  }

  private void end(String message) {
    flushHeading();
    if (!line.isEmpty()) {
      out.println(PlainText.of(line.toString()));
    }
    out.println(message);
  }

  @Override
  public void close() {
    out.flush();
  }
}
