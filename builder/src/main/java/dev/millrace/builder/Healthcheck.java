package dev.millrace.builder;

import dev.millrace.spec.Op;
import dev.millrace.spec.Spec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds out whether steps really run, by a tiny build whose result is thrown away. */
final class Healthcheck {
  private static final Path NO_SOURCES = Path.of("/");

  private final Builder builder;
  private final SpecBuild.Tools tools;
  private final InstantSource time;

  Healthcheck(Builder builder, SpecBuild.Tools tools, InstantSource time) {
    this.builder = builder;
    this.tools = tools;
    this.time = time;
  }

  /** Returns what went wrong, with all that was said; the import of the base may take its time. */
  Optional<String> run(String base, Duration timeLimit) throws IOException, InterruptedException {
    Collected log = new Collected();
    try {
      build(Spec.of(base, List.of()), tools, log);
      Op.Shell shell = new Op.Shell(List.of("/bin/sh", "-c"));
      // A step that nobody has made, or makes meanwhile.
      Op run = Op.run("echo healthcheck # " + time.instant());
      SnapshotId id =
          build(Spec.of(base, List.of(shell, run)), tools.withStepTimeLimit(timeLimit), log);
      builder.delete(id, _ -> {});
      return Optional.empty();
    } catch (StepFailedException e) {
      return Optional.of(e.text() + "\n" + log);
    } catch (BuilderException e) {
      return Optional.of(e.getMessage() + "\n" + log);
    }
  }

  private SnapshotId build(Spec spec, SpecBuild.Tools with, BuildLog log)
      throws StepFailedException, IOException, InterruptedException {
    try (SpecBuild build = new SpecBuild(with, BuildContext.of(NO_SOURCES), log)) {
      return build.build(spec, Map.of());
    }
  }

  /** Keeps the beginning of what is said. */
  private static final class Collected implements BuildLog {
    private static final int CHARS_MAX = 1 << 16;
    private final StringBuilder text = new StringBuilder();

    @Override
    public void heading(String heading) {
      append(heading + "\n");
    }

    @Override
    public void note(String note) {
      append(note + "\n");
    }

    @Override
    public void output(byte[] buffer, int length) {
      append(new String(buffer, 0, length, StandardCharsets.UTF_8));
    }

    private void append(String more) {
      text.append(more, 0, Math.min(more.length(), CHARS_MAX - text.length()));
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }
}
