package dev.millrace.app;

import dev.millrace.builder.Builder;
import dev.millrace.builder.BuilderConfig;
import dev.millrace.builder.BuilderHome;
import dev.millrace.builder.SandboxOptions;
import dev.millrace.builder.SnapshotId;
import dev.millrace.builder.StoreSpec;
import dev.millrace.engine.program.CommandException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which builder a command is about. */
final class BuilderOptions {
  @Option(
      names = "--store",
      paramLabel = "STORE",
      description =
          "overlayfs:/path, btrfs:/path, xfs:/path or rsync:/path (default: what millrace local uses, by overlayfs where it works).")
  private @Nullable String store;

  @Option(
      names = "--rsync-mode",
      paramLabel = "MODE",
      description =
          "copy, hardlink or hardlink_unsafe, as obuilder has it. All are the same here: files that a step left alone are shared, safely.")
  private @Nullable RsyncMode rsyncMode;

  /** What obuilder's rsync store can be told. */
  enum RsyncMode {
    COPY,
    HARDLINK,
    HARDLINK_UNSAFE
  }

  /** Opens it, for commands that build nothing. */
  BuilderHome open() throws IOException, InterruptedException {
    return open(
        new BuilderHome.Bases(Optional.empty(), false),
        UnaryOperator.identity(),
        UnaryOperator.identity());
  }

  /** Opens it. */
  BuilderHome open(
      BuilderHome.Bases bases,
      UnaryOperator<SandboxOptions> sandbox,
      UnaryOperator<BuilderConfig> builder)
      throws IOException, InterruptedException {
    if (rsyncMode != null && (store == null || parse(store).kind() != StoreSpec.Kind.COPY)) {
      throw CommandException.usage("--rsync-mode is for --store=rsync:/path only");
    }
    BuilderHome.Config config = BuilderHome.Config.in(StateDirectory.standard().resolve("builder"));
    if (store != null) {
      StoreSpec spec = parse(store);
      config = BuilderHome.Config.in(spec.directory()).withStore(spec.kind());
    }
    return BuilderHome.open(config.withBases(bases).withSandbox(sandbox).withBuilder(builder));
  }

  private static StoreSpec parse(String text) {
    try {
      return StoreSpec.parse(text);
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(String.valueOf(e.getMessage()));
    }
  }

  /** Where it is, for messages. */
  String describe() {
    return store == null ? StateDirectory.standard().resolve("builder").toString() : store;
  }

  /** The one result whose id begins so. */
  SnapshotId find(Builder builder, String id) {
    if (!id.matches("[0-9a-f]{4,64}")) {
      throw CommandException.usage(
          "Cannot use \"%s\" as an id: expected the first hexadecimal digits of one, at least four"
              .formatted(id));
    }
    List<SnapshotId> found = builder.find(id);
    if (found.size() == 1) {
      return found.getFirst();
    }
    throw CommandException.failed(
        found.isEmpty()
            ? "No result of %s has the id %s; those that are there: millrace builder list"
                .formatted(describe(), id)
            : "%d results of %s have ids that begin with %s: give more digits"
                .formatted(found.size(), describe(), id));
  }
}
