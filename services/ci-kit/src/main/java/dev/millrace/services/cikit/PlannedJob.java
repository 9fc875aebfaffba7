package dev.millrace.services.cikit;

import dev.millrace.spec.Spec;
import java.util.List;

/**
 * One job of a commit, as it is to be done. Immutable; made by {@link JobPlanner}.
 *
 * @param label its name for people, unique within the commit
 * @param kind what it does
 * @param variant the platform that it runs on
 * @param experimental whether its failure does not make the commit fail
 * @param work what there is to do
 */
public record PlannedJob(
    String label, JobKind kind, Variant variant, boolean experimental, Work work) {
  /** What there is to do. */
  public sealed interface Work {
    /**
     * Run a build.
     *
     * @param selection what is installed with opam
     * @param systemTools what is installed from the distribution besides
     */
    record Run(Selection selection, List<String> systemTools) implements Work {
      /** Copies. */
      public Run {
        systemTools = List.copyOf(systemTools);
      }
    }

    /** Nothing: it is skipped. */
    record Skip(String reason) implements Work {}

    /** Nothing: it has failed. */
    record Fail(String problem) implements Work {}
  }

  /** A job that runs, with what it installs. Throws if this one does not run. */
  public Work.Run requireRun() {
    if (work instanceof Work.Run run) {
      return run;
    }
    throw new IllegalStateException("The job \"%s\" is not run: %s".formatted(label, work));
  }

  /**
   * The steps of the job.
   *
   * @param content the project's
   * @param base what the specification starts from
   * @throws IllegalStateException if the job does not run
   */
  public Spec spec(RepositoryContent content, String base, RepositorySource source) {
    return JobSteps.of(this, content, base, source);
  }
}
