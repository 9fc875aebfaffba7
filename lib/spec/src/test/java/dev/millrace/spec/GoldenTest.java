package dev.millrace.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Compares with what OBuilder itself printed. */
class GoldenTest {
  private static final Path GOLDEN =
      Path.of(System.getProperty("millrace.root", "."))
          .toAbsolutePath()
          .resolveSibling("shared")
          .resolve("golden/obuilder");

  @Test
  void printsSpecsAsTheOriginal() throws IOException {
    for (JsonNode line : lines("canonical.jsonl")) {
      String name = line.get("spec").asString();
      Spec spec = Spec.parse(text(name));

      assertThat(spec.renderLine()).as(name).isEqualTo(line.get("one_line").asString());
      assertThat(spec.render()).as(name).isEqualTo(line.get("pretty").asString());
      assertThat(Spec.parse(spec.render())).as(name).isEqualTo(spec);
    }
  }

  @Test
  void printsDockerfilesAsTheOriginal() throws IOException {
    for (JsonNode line : lines("dockerfile.jsonl")) {
      String name = line.get("spec").asString();
      String text = text(name);
      String flags = line.get("flags").toString();
      Dockerfile.Dialect dialect =
          flags.contains("--buildkit") ? Dockerfile.Dialect.BUILDKIT : Dockerfile.Dialect.PLAIN;
      Dockerfile.Escape escape =
          flags.contains("windows") ? Dockerfile.Escape.WINDOWS : Dockerfile.Escape.UNIX;

      if (line.get("rc").asInt() == 0) {
        // The program ends what it prints with a further newline.
        assertThat(Dockerfile.render(Spec.parse(text), dialect, escape) + "\n")
            .as(name + flags)
            .isEqualTo(line.get("stdout").asString());
      } else {
        assertThatThrownBy(() -> Dockerfile.render(Spec.parse(text), dialect, escape))
            .as(name + flags)
            .isInstanceOf(SpecException.class);
      }
    }
  }

  private static String text(String name) throws IOException {
    return Files.readString(GOLDEN.resolve("specs").resolve(name + ".spec"));
  }

  private static List<JsonNode> lines(String file) throws IOException {
    assumeTrue(Files.isDirectory(GOLDEN), "NOT TESTED: the output of OBuilder is not at " + GOLDEN);
    JsonMapper mapper = new JsonMapper();
    return Files.readAllLines(GOLDEN.resolve(file)).stream().map(mapper::readTree).toList();
  }
}
