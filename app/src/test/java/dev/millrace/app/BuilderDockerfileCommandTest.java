package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Compares with what {@code obuilder dockerfile} printed. */
class BuilderDockerfileCommandTest {
  private static final Path GOLDEN =
      MillraceProcess.HOME.resolveSibling("shared").resolve("golden/obuilder");

  @Test
  void printsWhatTheOriginalDoes() throws IOException {
    assumeTrue(Files.isDirectory(GOLDEN), "NOT TESTED: the output of OBuilder is not at " + GOLDEN);
    for (String text : Files.readAllLines(GOLDEN.resolve("dockerfile.jsonl"))) {
      JsonNode line = JsonMapper.shared().readTree(text);
      Path file = GOLDEN.resolve("specs").resolve(line.get("spec").asString() + ".spec");
      List<String> arguments = new ArrayList<>(List.of("builder", "dockerfile", "-f"));
      arguments.add(file.toString());
      line.get("flags").forEach(flag -> arguments.add(flag.asString()));
      StringWriter out = new StringWriter();
      StringWriter err = new StringWriter();

      int status = Main.run(arguments, new PrintWriter(out, true), new PrintWriter(err, true));

      if (line.get("rc").asInt() == 0) {
        assertThat(out).as(text).hasToString(line.get("stdout").asString());
        assertThat(status).isZero();
      } else {
        assertThat(status).as(text).isEqualTo(1);
        assertThat(err.toString()).as(text).startsWith("millrace: " + file + ":");
      }
    }
  }
}
