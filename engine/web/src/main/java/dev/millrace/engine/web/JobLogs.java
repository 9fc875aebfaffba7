package dev.millrace.engine.web;

import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobSummary;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The jobs that addresses name, and what is known of where things are in their logs. Thread-safe.
 */
final class JobLogs {
  private static final int INDEXES_KEPT = 64;

  private final EngineControl engine;
  private final Map<JobId, LogIndex> indexes =
      new LinkedHashMap<>(INDEXES_KEPT * 2, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<JobId, LogIndex> eldest) {
          return size() > INDEXES_KEPT;
        }
      };

  JobLogs(EngineControl engine) {
    this.engine = engine;
  }

  /** A job; one that is not known is the user's error. */
  JobSummary requireJob(JobId id) {
    return engine
        .findJob(id)
        .orElseThrow(() -> PageException.notFound("There is no job " + id + "."));
  }

  /** Its log; one that was deleted is the user's error. */
  LogIndex require(JobId id) {
    return find(id).orElseThrow(() -> PageException.notFound("The log of job " + id + " is gone."));
  }

  Optional<LogIndex> find(JobId id) {
    synchronized (indexes) {
      LogIndex known = indexes.get(id);
      if (known != null) {
        return Optional.of(known);
      }
    }
    return engine
        .findLog(id)
        .map(
            log -> {
              synchronized (indexes) {
                return indexes.computeIfAbsent(id, _ -> new LogIndex(log));
              }
            });
  }
}
