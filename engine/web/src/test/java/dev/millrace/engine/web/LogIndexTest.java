package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogIndexTest {
  private static LogMap map(String text) throws IOException, InterruptedException {
    return new LogIndex(ScriptedLog.of(text)).refresh();
  }

  @Test
  void anEmptyLogHasNothing() throws Exception {
    LogMap map = map("");

    assertThat(map.lines()).isZero();
    assertThat(map.complete()).isTrue();
    assertThat(map.errorLine()).isEmpty();
  }

  @Test
  void countsTheLastLineWithoutItsEnd() throws Exception {
    assertThat(map("one\ntwo").lines()).isEqualTo(2);
    assertThat(map("one\ntwo\n").lines()).isEqualTo(2);
  }

  @Test
  void findsStepsRecipeAndError() throws Exception {
    LogMap map = map(TestObjects.buildLog(true));

    assertThat(map.sections()).extracting(LogMap.Section::line).containsExactly(9L, 11L, 17L, 18L);
    assertThat(map.sections().getFirst().title()).isEqualTo("(from debian:13)");
    LogMap.Recipe recipe = map.recipe().orElseThrow();
    assertThat(recipe.text()).contains("git checkout 1b2c3d4").doesNotContain("END-REPRO");
    assertThat(map.isRecipe(4)).isTrue();
    assertThat(map.isRecipe(9)).isFalse();
    assertThat(map.errorLine()).contains(21L);
  }

  /** The final letter of a colour's sequence stands right before the word that it colours. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u001b[1;31mError\u001b[0m: no such type",
        "\u001b[31mfatal:\u001b[m not a repository",
        "error: plain",
        "progress 10%\rerror: what stays visible"
      })
  void seesErrorsThroughColours(String line) throws Exception {
    assertThat(map("before\n" + line + "\nafter\n").errorLine()).contains(2L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0 errors, 12 warnings", "my-error-handler.ml", "terror", "No errors"})
  void isNotMisledByWords(String line) throws Exception {
    assertThat(map("before\n" + line + "\nafter\n").errorLine()).contains(3L);
  }

  @Test
  void takesTheLastLineThatSaysSomethingIfNoneSpeaksOfAnError() throws Exception {
    LogMap map =
        map("gone\n\u001b[31mwrong\u001b[0m\n\u001b[0m\n2026-03-04 10:24.09: Job failed: 1\n");

    assertThat(map.errorLine()).contains(2L);
  }

  @Test
  void theLineThatARuleFoundIsTheError() throws Exception {
    LogMap map =
        map(
            """
            error: tolerated
            no room
            error: follows from it
            2026-03-04 10:24.09: Work failed: 1
            2026-03-04 10:24.09: Log analysis:
            2026-03-04 10:24.09: >>> no room (score = 10, line 2)
            2026-03-04 10:24.09: >>> error (score = 1, line 1)
            2026-03-04 10:24.09: Job failed: The disk is full
            """);

    assertThat(map.errorLine()).contains(2L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-03-04 10:24.09: >>> x (score = 1, line 1)",
        "2026-03-04 10:24.09: Log analysis:\n2026-03-04 10:24.09: >>> x (score = 1, line 99)",
        "2026-03-04 10:24.09: Log analysis:\n2026-03-04 10:24.09: >>> x (score = 1)"
      })
  void whatOnlyLooksLikeAMatchIsNone(String lines) throws Exception {
    assertThat(map("before\nerror: it\n" + lines + "\n").errorLine()).contains(2L);
  }

  @Test
  void errorsOfEarlierStepsAreForgotten() throws Exception {
    LogMap map =
        map(
            """
            \u001b[01;34m(run (shell a))\u001b[0m
            error: tolerated
            \u001b[01;34m(run (shell b))\u001b[0m
            error: fatal
            """);

    assertThat(map.errorLine()).contains(4L);
  }

  @Test
  void goesOnWhereItStopped() throws Exception {
    ScriptedLog log = new ScriptedLog();
    log.write("one\nha");
    LogIndex index = new LogIndex(log);
    assertThat(index.refresh().lines()).isEqualTo(1);
    assertThat(index.refresh().complete()).isFalse();

    log.write("lf\nthree\n");
    log.end();

    LogMap map = index.refresh();
    assertThat(map.lines()).isEqualTo(3);
    assertThat(map.bytes()).isEqualTo(log.size());
    assertThat(map.complete()).isTrue();
  }

  @Test
  void marksCarryTheStyleInForce() throws Exception {
    StringBuilder text = new StringBuilder("\u001b[31mred from here\n");
    for (int i = 2; i <= 1_200; i++) {
      text.append("line ").append(i).append('\n');
    }
    LogIndex index = new LogIndex(ScriptedLog.of(text.toString()));
    LogMap map = index.refresh();

    assertThat(map.marks()).hasSize(3);
    StringBuilder html = new StringBuilder();
    LogLines.render(index.log(), map, 1_100, 1_100, (n, line, _) -> html.append(n).append(line));
    assertThat(html).hasToString("1100<span class=\"f-r\">line 1100</span>");
  }

  @Test
  void aLineWithoutEndDoesNotFillTheMemory() throws Exception {
    LogIndex index = new LogIndex(ScriptedLog.of("x".repeat(5_000_000) + "\nlast\n"));
    LogMap map = index.refresh();

    StringBuilder html = new StringBuilder();
    LogLines.render(index.log(), map, 1, 2, (_, line, _) -> html.append(line));
    assertThat(map.lines()).isEqualTo(2);
    assertThat(html.length()).isLessThan(LineSplitter.BYTES_MAX + 200);
    assertThat(html).contains("4,967,232 more bytes").endsWith("last");
  }

  /** It is there to be pasted into a shell. */
  @Test
  void aRecipeHidesNothing() throws Exception {
    LogMap map = map("To reproduce locally:\necho \u202e x\u001b[8mrm\r\nEND-REPRO-BLOCK\n");

    assertThat(map.recipe().orElseThrow().text()).isEqualTo("echo U+202E xrm\n");
  }

  @Test
  void aRecipeThatDoesNotEndHidesNothing() throws Exception {
    LogMap map = map("To reproduce locally:\ngit clone x\n");

    assertThat(map.recipe()).isEqualTo(Optional.empty());
    assertThat(map.isRecipe(2)).isFalse();
  }
}
