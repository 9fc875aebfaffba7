package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.Command;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Maven refuses what {@code .mvn/checksums} does not list, or lists otherwise.
 *
 * <p>Tried on a copy of the parent POM, with a local repository of our own in front of the real
 * one.
 */
class ChecksumsIT {
  private static final Path ROOT = Path.of(System.getProperty("millrace.root"));
  private static final Path REPOSITORY = Path.of(System.getProperty("millrace.maven.repository"));
  private static final Path LIST = Path.of(".mvn", "checksums", "checksums.sha256");
  private static final String JAR = "org/jspecify/jspecify/1.0.0/jspecify-1.0.0.jar";

  @TempDir private Path tree;

  @BeforeEach
  void copyWhatMavenReads() throws IOException {
    for (String file : List.of("mvnw", "pom.xml")) {
      Files.copy(ROOT.resolve(file), tree.resolve(file));
    }
    try (Stream<Path> files = Files.walk(ROOT.resolve(".mvn"))) {
      for (Path file : files.toList()) {
        Path copy = tree.resolve(ROOT.relativize(file));
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(file, copy);
        }
      }
    }
  }

  @Test
  void acceptsWhatIsListed() throws Exception {
    Answer answer = resolve();

    assertThat(answer.output()).doesNotContain("ERROR");
    assertThat(answer.status()).isZero();
  }

  @Test
  void refusesAJarWithOneByteFlipped() throws Exception {
    byte[] bytes = Files.readAllBytes(REPOSITORY.resolve(JAR));
    bytes[bytes.length / 2] ^= 1;
    Path flipped = tree.resolve("repository").resolve(JAR);
    Files.createDirectories(flipped.resolveSibling("."));
    Files.write(flipped, bytes);

    Answer answer = resolve();

    assertThat(answer.status()).isNotZero();
    assertThat(answer.output()).contains("jspecify").containsIgnoringCase("checksum");
  }

  @Test
  void refusesWhatIsNotListed() throws Exception {
    Path list = tree.resolve(LIST);
    Files.write(
        list, Files.readAllLines(list).stream().filter(line -> !line.endsWith(JAR)).toList());

    Answer answer = resolve();

    assertThat(answer.status()).isNotZero();
    assertThat(answer.output())
        .contains("jspecify")
        .containsIgnoringCase("missing")
        .containsIgnoringCase("checksum");
  }

  private record Answer(int status, String output) {}

  private Answer resolve() throws IOException, InterruptedException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    int status =
        Command.of(
                "./mvnw",
                "-B",
                "-q",
                "-o",
                "-N",
                "-Dmaven.repo.local=" + tree.resolve("repository"),
                "-Dmaven.repo.local.tail=" + REPOSITORY,
                "dependency:resolve")
            .in(tree)
            .run((buffer, length) -> output.write(buffer, 0, length));
    return new Answer(status, output.toString(StandardCharsets.UTF_8));
  }
}
