package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.core.StageState;
import dev.millrace.engine.web.LogWindow.Range;
import org.junit.jupiter.api.Test;

class LogWindowTest {
  @Test
  void showsOrdinaryLogsWhole() {
    assertThat(LogWindow.of(0).ranges()).isEmpty();
    assertThat(LogWindow.of(1).ranges()).containsExactly(new Range(1, 1));
    assertThat(LogWindow.of(50_000).ranges()).containsExactly(new Range(1, 50_000));
  }

  @Test
  void showsHeadAndTailOfBigOnes() {
    assertThat(LogWindow.of(50_001).ranges())
        .containsExactly(new Range(1, 2_000), new Range(40_001, 50_001));
    assertThat(LogWindow.of(200_123).ranges())
        .containsExactly(new Range(1, 2_000), new Range(190_001, 200_123));
  }

  @Test
  void cutsARangeToWhatMayBeAskedFor() {
    assertThat(LogWindow.range(5, 7, 100).ranges()).containsExactly(new Range(5, 7));
    assertThat(LogWindow.range(0, 999_999_999_999L, 300_000).ranges())
        .containsExactly(new Range(1, 10_000));
    assertThat(LogWindow.range(90, 200, 100).ranges()).containsExactly(new Range(90, 100));
    assertThat(LogWindow.range(101, 200, 100).ranges()).isEmpty();
    assertThat(LogWindow.range(7, 5, 100).ranges()).isEmpty();
  }

  @Test
  void aBigLogIsWrittenInBlocksWithAGapBetween() throws Exception {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i <= 200_000; i++) {
      text.append("line ").append(i).append('\n');
    }
    LogIndex index = new LogIndex(ScriptedLog.of(text.toString()));
    LogMap map = index.refresh();

    String html =
        new LogPage(index.log(), map, StageState.PASSED, new Views())
            .render(LogWindow.of(map.lines()));

    assertThat(html)
        .contains("id=\"L2000\"", "id=\"L190001\"", "id=\"L200000\"")
        .doesNotContain("id=\"L2001\"", "id=\"L190000\"")
        .contains("188,000 lines not shown (2,001–190,000)")
        .contains("href=\"?lines=2001-12000#L2001\"");
    assertThat(html.split("<pre ", -1)).hasSize(1 + 2_000 / 500 + 10_000 / 500);
    assertThat(html.length()).as("bounded, whatever the log's length").isLessThan(1_500_000);
  }
}
