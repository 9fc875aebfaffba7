package dev.millrace.engine.web;

import dev.millrace.engine.core.StageState;
import java.util.List;
import java.util.Locale;

/**
 * How a state is shown: always icon shape, word and colour together, any one of which is enough.
 *
 * @param name the icon's id, the colour token and the suffix of the style class
 * @param word the one word for it
 * @param glyph what page titles begin with
 */
record StateLook(String name, String word, String glyph) {
  /** In the order in which a group takes the colour of the first one present. */
  static final List<StageState> BY_WEIGHT =
      List.of(
          StageState.FAILED,
          StageState.ERROR,
          StageState.CANCELLED,
          StageState.RUNNING,
          StageState.APPROVAL,
          StageState.QUEUED,
          StageState.BLOCKED,
          StageState.PASSED,
          StageState.SKIPPED);

  static StateLook of(StageState state) {
    return switch (state) {
      case PASSED -> new StateLook("passed", "Passed", "✓");
      case FAILED -> new StateLook("failed", "Failed", "✗");
      case ERROR -> new StateLook("error", "CI error", "✗");
      case CANCELLED -> new StateLook("cancelled", "Cancelled", "⊖");
      case RUNNING -> new StateLook("running", "Running", "◔");
      case APPROVAL -> new StateLook("approval", "Needs approval", "◆");
      case QUEUED -> new StateLook("queued", "Queued", "◷");
      case BLOCKED -> new StateLook("blocked", "Blocked", "⊖");
      case SKIPPED -> new StateLook("skipped", "Skipped", "⊖");
    };
  }

  /** Whether something is wrong: with what was built, or with Millrace. */
  static boolean isBad(StageState state) {
    return state == StageState.FAILED || state == StageState.ERROR;
  }

  /** The word after a number: "3 failed", but "1 CI error". */
  String counted() {
    return word.startsWith("CI ") ? word : word.toLowerCase(Locale.ROOT);
  }

  /** The style class that sets the state's colours. */
  String style() {
    return "is-" + name;
  }
}
