package dev.millrace.app;

import dev.millrace.builder.BuildLog;
import dev.millrace.builder.BuildResult;
import dev.millrace.engine.program.ExitCode;
import dev.millrace.spec.Spec;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;

/** Shows a person or a script how a build goes. Used by one thread. */
sealed interface BuildConsole extends BuildLog, AutoCloseable
    permits PlainBuildConsole, TerminalBuildConsole, JsonBuildConsole {
  /** When colours are used. */
  enum Color {
    /** On a terminal. */
    AUTO,
    /** Always. */
    ALWAYS,
    /** Never. */
    NEVER
  }

  /** A build that says what it does. */
  interface Build {
    BuildResult run(BuildLog log) throws InterruptedException;
  }

  /** The one that fits what standard output is. */
  static BuildConsole of(CommandLine line, boolean json, Color color, Spec spec) {
    PrintWriter out = line.getOut();
    if (json) {
      return new JsonBuildConsole(out);
    }
    if (color == Color.AUTO && isTerminal()) {
      return new TerminalBuildConsole(out, countSteps(spec));
    }
    return new PlainBuildConsole(out, line.getErr(), color == Color.ALWAYS);
  }

  private static boolean isTerminal() {
    Map<String, String> environment = System.getenv();
    return Optional.ofNullable(System.console()).map(java.io.Console::isTerminal).orElse(false)
        && !environment.getOrDefault("TERM", "dumb").toLowerCase(Locale.ROOT).equals("dumb")
        && !environment.containsKey("CI");
  }

  /** How many headings a build of this spec prints. */
  static int countSteps(Spec spec) {
    return spec.children().stream().mapToInt(child -> 1 + countSteps(child.spec())).sum()
        + 1
        + spec.ops().size();
  }

  /** Runs a build to its end, says how it ended, and returns what the command ends with. */
  default ExitCode follow(Build build) throws InterruptedException {
    try {
      BuildResult result = build.run(this);
      return switch (result) {
        case BuildResult.Built built -> {
          built(built);
          yield ExitCode.OK;
        }
        case BuildResult.Failed failed -> {
          failed(failed);
          yield ExitCode.FAILED;
        }
      };
    } catch (InterruptedException e) {
      cancelled();
      throw e;
    }
  }

  /** It was built. */
  void built(BuildResult.Built result);

  /** A step failed. */
  void failed(BuildResult.Failed result);

  /** It was interrupted. */
  void cancelled();

  @Override
  void close();
}
