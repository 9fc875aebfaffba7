package dev.millrace.engine.program;

import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.core.StageState;
import java.util.List;

/** Shows a person at a console how jobs go. Used by one thread. */
public interface Progress extends AutoCloseable {
  /**
   * Shows the state of things; called about twice a second, and when something changed. Newest job
   * first.
   */
  void show(List<JobSummary> jobs);

  /** Says something beside the progress, which stays. */
  void say(String line);

  /** Prints lines as they are, which stay. */
  void print(List<String> lines);

  /** Leaves the console tidy. */
  @Override
  void close();

  /** The mark and word of a state, as on the pages. */
  static String word(StageState state) {
    return switch (state) {
      case PASSED -> "✓ passed";
      case FAILED -> "✗ failed";
      case ERROR -> "! CI error";
      case CANCELLED -> "⊘ cancelled";
      case RUNNING -> "◔ running";
      case APPROVAL -> "◆ needs approval";
      case QUEUED -> "◷ queued";
      case BLOCKED -> "⊖ blocked";
      case SKIPPED -> "» skipped";
    };
  }

  /** Whether a job in this state will not change any more. */
  static boolean isOver(StageState state) {
    return switch (state) {
      case PASSED, FAILED, ERROR, CANCELLED, SKIPPED -> true;
      case RUNNING, APPROVAL, QUEUED, BLOCKED -> false;
    };
  }
}
