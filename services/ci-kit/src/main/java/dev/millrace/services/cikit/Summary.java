package dev.millrace.services.cikit;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;

/**
 * What all jobs of a commit amount to.
 *
 * <p>Checks that pass do not count: a commit of which nothing was built has not passed.
 * Experimental jobs count as built, whether they failed or still run. A failure whose message
 * starts with {@code [SKIP]} is a skip. When everything was skipped, the reasons are what failed.
 */
public sealed interface Summary {
  /** All that had to pass has passed. */
  record Passed() implements Summary {}

  /** Something that has to pass has not ended. */
  record Running() implements Summary {}

  /** Something failed, or there was nothing to build. */
  record Failed(String message) implements Summary {}

  /** Applies the rule. */
  static Summary of(List<JobResult> results) {
    int built = 0;
    boolean running = false;
    List<Fault> faults = new ArrayList<>();
    List<Fault> skips = new ArrayList<>();
    for (JobResult result : results) {
      switch (result.outcome()) {
        case JobOutcome.Passed() -> built += result.kind().isCheck() ? 0 : 1;
        case JobOutcome.Skipped(String reason) -> skips.add(new Fault(result.label(), reason));
        case JobOutcome.Failed(String message) when message.startsWith("[SKIP]") ->
            skips.add(new Fault(result.label(), message));
        case JobOutcome.Failed(String message) -> {
          if (result.experimental()) {
            built++;
          } else {
            faults.add(new Fault(result.label(), message));
          }
        }
        case JobOutcome.Active() -> {
          if (result.experimental()) {
            built++;
          } else {
            running = true;
          }
        }
      }
    }
    if (running) {
      return new Running();
    }
    if (faults.isEmpty() && built > 0) {
      return new Passed();
    }
    return new Failed(Fault.describe(faults.isEmpty() ? skips : faults, built));
  }

  /** The result in a few words. */
  default String text() {
    return switch (this) {
      case Passed() -> "passed";
      case Running() -> "running";
      case Failed(String message) -> message;
    };
  }

  /** Why one job has not passed. */
  record Fault(String label, String message) {
    private static String describe(List<Fault> faults, int built) {
      if (faults.isEmpty()) {
        return "No builds at all!";
      }
      String labels = faults.stream().map(Fault::label).collect(joining(", "));
      List<String> messages = faults.stream().map(Fault::message).distinct().toList();
      if (messages.size() > 1) {
        return labels + " failed";
      }
      return built == 0 ? messages.getFirst() : labels + " failed: " + messages.getFirst();
    }
  }
}
