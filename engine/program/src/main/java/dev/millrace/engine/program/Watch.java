package dev.millrace.engine.program;

import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.EngineControl.Health;
import dev.millrace.engine.core.EngineControl.Overview;
import dev.millrace.engine.core.EngineException;
import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobQuery;
import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.core.StageState;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Watches an engine for a person at a console: shows progress, and says what waits for them and
 * what is wrong, each once. Used by one thread.
 */
public final class Watch {
  private static final Duration TICK = Duration.ofMillis(500);

  /** How long an unattended watch waits for room on a disk, or a server that restarts. */
  private static final Duration TROUBLE_MAX = Duration.ofSeconds(20);

  private final EngineControl control;
  private final Progress progress;
  private final Function<JobId, String> address;
  private final boolean attended;
  private final Set<JobId> asked = new HashSet<>();
  private Optional<Trouble> trouble = Optional.empty();
  private long round = -1;

  /**
   * Watches from now on.
   *
   * @param address of a job's page
   * @param attended whether somebody is there to mend what is wrong: if not, the watch ends with it
   *     soon
   */
  public Watch(
      EngineControl control, Progress progress, Function<JobId, String> address, boolean attended) {
    this.control = control;
    this.progress = progress;
    this.address = address;
    this.attended = attended;
  }

  /**
   * Waits until something changes, or half a second, and shows it.
   *
   * @throws CommandException if the engine does not work, and nobody or nothing will mend that
   */
  public Overview next() throws InterruptedException {
    Overview overview = control.awaitChange(round, TICK);
    round = overview.round();
    List<JobSummary> jobs = newestJobs();
    progress.show(jobs);
    sayWhatWaits(jobs);
    checkHealth();
    return overview;
  }

  /** None while the records cannot be reached, which the engine's health tells. */
  private List<JobSummary> newestJobs() {
    try {
      return control.listJobs(JobQuery.newest(200));
    } catch (EngineException e) {
      if (e.isRetryable()) {
        return List.of();
      }
      throw e;
    }
  }

  /** Nobody who only looks at the terminal would know that it is up to them. */
  private void sayWhatWaits(List<JobSummary> jobs) {
    for (JobSummary job : jobs) {
      if (job.state() == StageState.APPROVAL && asked.add(job.id())) {
        progress.say(
            "%s  %s: approve it at %s"
                .formatted(
                    Progress.word(job.state()),
                    PlainText.of(job.description()),
                    address.apply(job.id())));
      }
    }
  }

  private void checkHealth() {
    switch (control.health()) {
      case Health.Good() -> trouble = Optional.empty();
      case Health.Impaired(String reason) -> {
        if (!attended && trouble.filter(Trouble::lasts).isPresent()) {
          throw CommandException.failed(reason);
        }
        if (trouble.filter(known -> known.reason.equals(reason)).isEmpty()) {
          progress.say(PlainText.of(reason));
          trouble =
              Optional.of(
                  new Trouble(reason, trouble.map(Trouble::since).orElseGet(System::nanoTime)));
        }
      }
      case Health.Bad(String reason) -> throw CommandException.machine(reason);
    }
  }

  private record Trouble(String reason, long since) {
    boolean lasts() {
      return System.nanoTime() - since > TROUBLE_MAX.toNanos();
    }
  }
}
