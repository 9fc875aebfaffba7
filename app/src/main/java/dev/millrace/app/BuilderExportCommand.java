package dev.millrace.app;

import dev.millrace.builder.BuilderHome;
import dev.millrace.builder.SnapshotId;
import dev.millrace.engine.program.ExitCode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace builder export}: writes a result as an archive. */
@Command(
    name = "export",
    header = "Write what a step left as a tar archive.",
    description = {"", "Owners are numbers, as steps see them; devices are left out."},
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:there is no such result",
      "2:wrong use",
      "3:the machine or Millrace failed"
    })
final class BuilderExportCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "ID",
      arity = "1",
      description = "The result: its id, or the first digits of it.")
  private String id;

  @Mixin private BuilderOptions options;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Where to; nothing may be there (default: standard output).")
  private @Nullable Path output;

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (Cancellation _ = Cancellation.ofThisThread();
        BuilderHome home = options.open()) {
      SnapshotId result = options.find(home.builder(), id);
      if (output == null) {
        OutputStream out = new BufferedOutputStream(System.out, 1 << 16);
        home.builder().export(result, out);
        out.flush();
      } else {
        write(home, result, output);
      }
    }
    return ExitCode.OK.number();
  }

  /** Whole or not at all. */
  private static void write(BuilderHome home, SnapshotId result, Path file)
      throws IOException, InterruptedException {
    Files.createFile(file);
    boolean written = false;
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
      home.builder().export(result, out);
      written = true;
    } finally {
      if (!written) {
        Files.deleteIfExists(file);
      }
    }
  }
}
