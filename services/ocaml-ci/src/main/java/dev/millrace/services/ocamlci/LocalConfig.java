package dev.millrace.services.ocamlci;

import dev.millrace.builder.BuilderHome;
import dev.millrace.engine.core.EngineConfig;
import dev.millrace.engine.web.WebConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What {@link LocalCi} is to do.
 *
 * @param project a git work tree, or a directory of one
 * @param stateDirectory where everything is kept; one process at a time
 * @param opamRepository where packages are looked up
 * @param archiveMirror a directory or http(s) URL with archives as {@code ALGO/XX/HASH}, asked
 *     before the network
 * @param platforms names such as {@code debian-13-ocaml-5.3}; empty for what this machine can run
 * @param bases where base images come from
 * @param engine what is set of the engine, beside where it keeps its state
 * @param pages what is set of the pages, beside what they are about
 * @param root whether we run as root
 * @param jobsMax how many builds run at once, at least 1
 */
public record LocalConfig(
    Path project,
    Path stateDirectory,
    RepositoryLocation opamRepository,
    Optional<String> archiveMirror,
    List<String> platforms,
    BuilderHome.Bases bases,
    UnaryOperator<EngineConfig> engine,
    WebConfig pages,
    boolean root,
    int jobsMax) {
  /**
   * Checks and copies.
   *
   * @throws IllegalArgumentException if something cannot be meant, in words for users
   */
  public LocalConfig {
    platforms = List.copyOf(platforms);
    if (jobsMax < 1) {
      throw new IllegalArgumentException(
          "Cannot run %d jobs at once: at least 1 is needed".formatted(jobsMax));
    }
    archiveMirror.ifPresent(LocalConfig::checkMirror);
  }

  private static void checkMirror(String mirror) {
    if (!mirror.matches("https?://.+") && !Files.isDirectory(Path.of(mirror))) {
      throw new IllegalArgumentException(
          "Cannot use \"%s\" as an archive mirror: it is neither an http(s) URL nor a directory"
              .formatted(mirror));
    }
  }
}
