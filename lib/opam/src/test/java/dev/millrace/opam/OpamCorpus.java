package dev.millrace.opam;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The published packages, from an archive beside the repository that may be absent. */
public final class OpamCorpus {
  private OpamCorpus() {}

  /**
   * Returns the directory of the packages, unpacked once; without the archive the test is skipped.
   */
  public static synchronized Path directory() throws IOException, InterruptedException {
    Path root = Path.of(System.getProperty("millrace.root", ".")).toAbsolutePath();
    Path archive = root.resolveSibling("shared").resolve("data/opam-repository.tar.xz");
    Path unpacked = root.resolve("target/opam-corpus");
    if (Files.isDirectory(unpacked)) {
      return unpacked.resolve("opam-repository");
    }
    assumeTrue(Files.exists(archive), "not tested with the published packages: no " + archive);
    Files.createDirectories(unpacked.getParent());
    Path fresh = Files.createTempDirectory(unpacked.getParent(), "opam-corpus-");
    Command.of("tar", "-xJf", archive.toString(), "--no-same-owner", "-C", fresh.toString())
        .read(65_536);
    Files.move(fresh, unpacked);
    return unpacked.resolve("opam-repository");
  }
}
