package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.Limit;
import dev.millrace.engine.core.EngineLimits;
import dev.millrace.engine.web.WebLimits;
import dev.millrace.plugins.github.GitHubLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/**
 * Goal: {@code docs/limits.md} says what the program does. Method: it is made of the lists that the
 * modules give; {@code -Dmillrace.golden=write} writes it anew.
 */
class LimitsTest {
  private static final Path DOCUMENT =
      Path.of(System.getProperty("millrace.root"), "docs", "limits.md");

  private static final String HEAD =
      """
      # Limits

      What others decide is bounded. This page is made of the program's own constants (`LimitsTest`); areas that are not
      listed yet have theirs in their code. Each process, job, user and so on may have so much, as the second column says.
      Where an option is named, the limit is what it is unless the option says otherwise.
      """;

  private static Map<String, List<Limit>> areas() {
    Map<String, List<Limit>> areas = new LinkedHashMap<>();
    areas.put("Pages", WebLimits.list());
    areas.put("Engine", EngineLimits.list());
    areas.put("Sign-on with GitHub", GitHubLimits.list());
    return areas;
  }

  private static String render() {
    StringBuilder text = new StringBuilder(HEAD);
    areas()
        .forEach(
            (area, limits) -> {
              text.append("\n## ").append(area).append("\n\n");
              text.append("| what | per | at most | option | beyond |\n|---|---|---|---|---|\n");
              limits.forEach(limit -> text.append(row(limit)));
            });
    return text.toString();
  }

  /** Those of a command that serves a pipeline. */
  private static Set<String> options() {
    return new CommandLine(new LocalCommand()).getCommandSpec().optionsMap().keySet();
  }

  private static String row(Limit limit) {
    return "| %s | %s | %s | %s | %s |\n"
        .formatted(
            limit.what(),
            limit.scope(),
            limit.value(),
            limit.option().map("`%s`"::formatted).orElse("–"),
            limit.beyond());
  }

  @Test
  void theDocumentSaysWhatTheProgramDoes() throws IOException {
    if (System.getProperty("millrace.golden", "").equals("write")) {
      Files.writeString(DOCUMENT, render());
    }

    assertThat(Files.readString(DOCUMENT)).isEqualTo(render());
  }

  @Test
  void eachLimitIsWholeAndStandsOnce() {
    List<Limit> all = areas().values().stream().flatMap(List::stream).toList();

    assertThat(all)
        .hasSizeGreaterThan(20)
        .allSatisfy(
            limit -> {
              assertThat(limit.what()).isNotBlank();
              assertThat(limit.value()).matches(".*\\d.*");
              assertThat(limit.beyond()).isNotBlank();
              assertThat(options()).containsAll(limit.option().stream().toList());
            });
    assertThat(all.stream().map(Limit::what)).doesNotHaveDuplicates();
  }
}
