package dev.millrace.app;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.Command;
import dev.millrace.opam.OpamCorpus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Real packages with their real archives: the part of opam-repository whose sources are beside this
 * repository, where they are.
 *
 * @param repository the opam repository
 * @param archives its archives, as an archive mirror
 */
record OpamWorld(Path repository, Path archives) {
  /** Made once for all tests of a build; without the archives the test is skipped. */
  static synchronized OpamWorld open() throws IOException, InterruptedException {
    Path tool =
        MillraceProcess.HOME.resolveSibling("shared").resolve("tools/opam-world/opam-world");
    assumeTrue(Files.isExecutable(tool), "NOT TESTED with real packages: no " + tool);
    Path world = MillraceProcess.HOME.resolve("target/opam-world");
    if (!Files.exists(world.resolve("packages.txt"))) {
      Command.of(tool.toString(), "--snapshot", OpamCorpus.directory().toString(), world.toString())
          .read(1 << 20);
    }
    return new OpamWorld(world.resolve("repo"), world.resolve("archives"));
  }
}
