package dev.millrace.builder;

import dev.millrace.base.Command;
import dev.millrace.base.ProcessException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes bases from a Docker engine: creates a container of the image, which pulls it where needed,
 * and exports its file system. Thread-safe.
 */
public final class DockerFetcher implements Fetcher {
  private static final Duration ANSWER_MAX = Duration.ofSeconds(10);
  private static final int OUTPUT_BYTES_MAX = 1 << 20;
  private static final String ENVIRONMENT = "{{range .Config.Env}}{{print . \"\\x00\"}}{{end}}";

  private final List<String> docker;
  private final StepTrees trees;

  /** A fetcher that calls {@code docker}, with these options before the subcommand. */
  public DockerFetcher(List<String> options, StepTrees trees) {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(options);
    this.docker = List.copyOf(command);
    this.trees = trees;
  }

  /** Whether an engine answers. */
  public boolean isAvailable() throws InterruptedException, IOException {
    return answers("version", "--format", "{{.Server.Version}}");
  }

  /** Whether an engine answers and has an image already, so that nothing has to be pulled. */
  public boolean has(String image) throws InterruptedException, IOException {
    return answers("image", "inspect", "--format", "{{.Id}}", "--", image);
  }

  private boolean answers(String... arguments) throws InterruptedException, IOException {
    try {
      return !docker(arguments).withTimeLimit(ANSWER_MAX).read(OUTPUT_BYTES_MAX).isBlank();
    } catch (ProcessException e) {
      return false;
    }
  }

  @Override
  public List<Sandbox.Variable> fetch(String base, Path rootfs, BuildLog log)
      throws IOException, InterruptedException {
    if (base.startsWith("-")) {
      throw new BuilderException(
          "Cannot use base \"%s\": an image's name must not begin with \"-\"".formatted(base),
          null);
    }
    try {
      String container = create(base, log);
      try {
        TarPipe.unpack(trees, rootfs, stream -> export(base, container, stream));
      } finally {
        Uninterrupted.run(() -> docker("rm", "--force", "--", container).read(OUTPUT_BYTES_MAX));
      }
      String environment =
          docker("image", "inspect", "--format", ENVIRONMENT, "--", base).read(OUTPUT_BYTES_MAX);
      return ImageVariables.parse(
          base,
          List.of(environment.strip().split("\0")).stream().filter(e -> !e.isEmpty()).toList());
    } catch (ProcessException e) {
      throw new BuilderException(
          "Cannot get image \"%s\" from Docker: %s".formatted(base, e.getMessage()), e);
    }
  }

  private String create(String base, BuildLog log) throws IOException, InterruptedException {
    StringBuilder id = new StringBuilder();
    // A command, as images without one could not be created.
    int status =
        docker("create", "--", base, "/bin/true")
            .run(
                (buffer, length) -> {
                  if (id.length() < OUTPUT_BYTES_MAX) {
                    id.append(new String(buffer, 0, length, StandardCharsets.UTF_8));
                  }
                },
                log::output);
    if (status != 0) {
      throw new BuilderException(
          "Cannot get image \"%s\" from Docker: docker create %s"
              .formatted(base, Command.describe(status)),
          null,
          true);
    }
    return id.toString().strip();
  }

  private void export(String base, String container, OutputStream stream)
      throws IOException, InterruptedException {
    int status =
        docker("export", "--", container)
            .run((buffer, length) -> stream.write(buffer, 0, length), (_, _) -> {});
    if (status != 0) {
      throw new BuilderException(
          "Cannot get image \"%s\" from Docker: docker export %s"
              .formatted(base, Command.describe(status)),
          null,
          true);
    }
  }

  private Command docker(String... arguments) {
    List<String> argv = new ArrayList<>(docker);
    argv.addAll(List.of(arguments));
    return Command.of(argv);
  }
}
