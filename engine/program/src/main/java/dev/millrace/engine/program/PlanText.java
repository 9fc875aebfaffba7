package dev.millrace.engine.program;

import dev.millrace.engine.core.JobReason;
import dev.millrace.engine.core.RunPlan;
import dev.millrace.engine.core.RunPlan.Fate;
import dev.millrace.engine.core.RunPlan.Work;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What would run, as lines for a terminal. */
public final class PlanText {
  private PlanText() {}

  /** One line for each piece of work, by what would become of it, and one for the whole. */
  public static List<String> render(RunPlan plan) {
    List<String> lines = new ArrayList<>();
    for (Fate fate : Fate.values()) {
      List<Work> works = plan.works().stream().filter(work -> work.fate() == fate).toList();
      if (!works.isEmpty()) {
        lines.add(heading(fate));
        works.forEach(work -> lines.add("  " + line(work)));
      }
    }
    if (!plan.unknown().isEmpty()) {
      lines.add("Known only once something of this has run:");
      plan.unknown().forEach(label -> lines.add("  " + PlainText.of(label)));
    }
    lines.add(summary(plan));
    return lines;
  }

  private static String heading(Fate fate) {
    return switch (fate) {
      case RUNS -> "Would run:";
      case CACHED -> "Known, and would not run:";
      case FAILS -> "Known to fail, and would not run again:";
      case SKIPPED -> "Known to be skipped:";
    };
  }

  private static String line(Work work) {
    String time = work.expected().map(taken -> " (about %s)".formatted(about(taken))).orElse("");
    String why = work.why().map(JobReason::sentence).map(text -> ": " + text).orElse("");
    return PlainText.of(work.description() + time + why);
  }

  private static String about(Duration taken) {
    return taken.compareTo(Duration.ofSeconds(1)) < 0 ? "1s" : Durations.render(taken);
  }

  private static String summary(RunPlan plan) {
    List<Work> runs = plan.works().stream().filter(work -> work.fate() == Fate.RUNS).toList();
    Duration known =
        runs.stream()
            .map(Work::expected)
            .flatMap(Optional::stream)
            .reduce(Duration.ZERO, Duration::plus);
    String time =
        known.isZero() ? "" : ", about %s of work where it was done before".formatted(about(known));
    return "%d of %d would run%s%s"
        .formatted(
            runs.size(),
            plan.works().size(),
            time,
            plan.unknown().isEmpty() ? "" : "; more may follow");
  }
}
