package dev.millrace.engine.core;

import dev.millrace.base.Limit;
import dev.millrace.base.Limit.Scope;
import java.util.List;

/** What an engine bounds. */
public final class EngineLimits {
  private EngineLimits() {}

  /** All of them, in the order of the document. */
  public static List<Limit> list() {
    return List.of(
        new Limit(
                "the log of a job",
                Scope.JOB,
                Limit.bytes(EngineConfig.LOG_SIZE_MAX_DEFAULT),
                "it says that it ends there, and the job goes on")
            .withOption("--log-size-max"),
        new Limit(
            "a log that is kept with the records, of a job that was quick and passed",
            Scope.JOB,
            Limit.bytes(LogFile.SHORT_MAX),
            "it is a file"),
        new Limit(
            "retries of work that failed in a way which may pass",
            Scope.JOB,
            "%d".formatted(Retries.MAX),
            "the failure stays, until a schedule or somebody has it done again"),
        new Limit(
            "messages that wait for a pipeline's evaluation",
            Scope.PROCESS,
            "%,d".formatted(Evaluation.MAILBOX_MAX),
            "whoever sends one waits"),
        new Limit(
            "what an engine waits for the end of its work when it is stopped",
            Scope.PROCESS,
            "%d s, four times".formatted(Engine.PATIENCE.toSeconds()),
            "it is left behind, and the program's log names it"),
        new Limit("log rules", Scope.PROCESS, "%d".formatted(LogRules.RULES_MAX), "none is stored"),
        new Limit(
            "the pattern or report of a log rule",
            Scope.RULE,
            "%,d characters".formatted(LogRule.CHARS_MAX),
            "it is not stored; the page says why"),
        new Limit(
            "causes kept of why a job ran",
            Scope.JOB,
            "%d, and %,d bytes in all".formatted(JobReason.CAUSES_MAX, JobReason.BYTES_MAX),
            "the nearest are kept"),
        new Limit(
            "what people did, if history is limited",
            Scope.PROCESS,
            "%d days, and as long as the job".formatted(Retention.ACTIONS_MIN.toDays()),
            "older is deleted; without the option nothing is"));
  }
}
