package dev.millrace.app;

import dev.millrace.builder.BuilderHome;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a command gets base images. */
final class BaseOptions {
  @Option(
      names = "--registry",
      paramLabel = "HOST[:PORT]",
      description = "Pull base images from this registry instead of Docker Hub.")
  private @Nullable String registry;

  @Option(
      names = "--bootstrap",
      description = "Make base images from the distribution's packages, without asking a registry.")
  private boolean bootstrap;

  BuilderHome.Bases get() {
    return new BuilderHome.Bases(Optional.ofNullable(registry), bootstrap);
  }
}
