package dev.millrace.app;

import dev.millrace.engine.program.CommandException;
import dev.millrace.engine.program.ExitCode;
import dev.millrace.spec.Dockerfile;
import dev.millrace.spec.SpecException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code millrace builder dockerfile}: writes a Dockerfile. */
@Command(
    name = "dockerfile",
    header = "Write a spec as a Dockerfile, to follow it by hand.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:the spec is wrong",
      "2:wrong use",
      "3:the machine or Millrace failed"
    })
final class BuilderDockerfileCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      required = true,
      description = "The spec; - for standard input.")
  private Path file;

  @Option(names = "--buildkit", description = "Use BuildKit, which knows caches and secrets.")
  private boolean buildkit;

  @Option(
      names = "--escape",
      paramLabel = "STYLE",
      description = "How lines are continued: unix or windows (default: unix).")
  private Dockerfile.Escape escape = Dockerfile.Escape.UNIX;

  @Override
  public Integer call() throws IOException {
    Dockerfile.Dialect dialect = buildkit ? Dockerfile.Dialect.BUILDKIT : Dockerfile.Dialect.PLAIN;
    PrintWriter out = spec.commandLine().getOut();
    try {
      out.println(Dockerfile.render(SpecFile.read(file), dialect, escape));
    } catch (SpecException e) {
      throw CommandException.failed(file + ": " + e.getMessage());
    }
    out.flush();
    return ExitCode.OK.number();
  }
}
