package dev.millrace.app;

import dev.millrace.engine.program.CommandException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code millrace run}: a pipeline in one file. The launcher hands such a file to the JVM, which
 * compiles and runs it; what comes here is what the launcher could not make sense of.
 */
@Command(
    name = "run",
    header = "Run a pipeline that is one file of Java.",
    description = {
      "",
      "The file has a main method that calls PipelineProgram; all of Millrace is on its class path. See examples/pipelines,"
          + " and docs/first-pipeline.md. The arguments after FILE are the pipeline's own: --help lists them."
    },
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "FILE.java", description = "The pipeline.")
  private Path file;

  @SuppressWarnings("UnusedVariable") // For --help: the launcher hands them on.
  @Parameters(
      index = "1..*",
      paramLabel = "ARGUMENT",
      description = "What the pipeline is told, such as --once, --plan, --port 0.")
  private @Nullable List<String> arguments;

  @Override
  public Integer call() {
    if (!file.toString().endsWith(".java")) {
      throw CommandException.usage(
          "Cannot run \"%s\": a pipeline in one file has a name that ends in .java"
              .formatted(file));
    }
    if (!Files.isRegularFile(file)) {
      throw CommandException.usage("Cannot run \"%s\": there is no such file".formatted(file));
    }
    throw CommandException.usage(
        "Cannot run \"%s\" from inside the JVM: start it with the launcher, ./millrace run FILE.java"
            .formatted(file));
  }
}
