package dev.millrace.services.cikit;

/** Where a job stands. */
public sealed interface JobOutcome {
  /** It did what it was asked to. */
  record Passed() implements JobOutcome {}

  /** It could not, or the project is at fault. */
  record Failed(String message) implements JobOutcome {}

  /** It was not run, for a reason that is no fault of the project. */
  record Skipped(String reason) implements JobOutcome {}

  /** It waits or runs. */
  record Active() implements JobOutcome {}
}
