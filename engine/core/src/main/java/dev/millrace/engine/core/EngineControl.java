package dev.millrace.engine.core;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an operator's interface (web pages, remote control, terminal) sees of a running engine and
 * may ask of it.
 *
 * <p>Every method may be called from any thread; what it returns is a picture of one moment.
 * Actions are carried out by the engine's own thread, in its next round.
 */
public interface EngineControl {
  /** The latest published state; {@code round} grows by one each time anything changed. */
  Overview overview();

  /**
   * Waits until a round after {@code round} is published, or the time is over, and returns the
   * latest overview. Job state changes (a job starts, ends) publish a round too.
   */
  Overview awaitChange(long round, Duration timeout) throws InterruptedException;

  /**
   * The pipeline as it is to be drawn.
   *
   * @param unfolded the groups to open in addition to those open by default
   * @param folded the groups to close
   */
  Diagram diagram(Set<String> unfolded, Set<String> folded);

  /** The pipeline with every group open, those that are folded at first too. */
  Diagram wholeDiagram();

  /** The pipeline as one line of text, for tests and terminals. */
  String outline();

  /**
   * What runs or is about to, what is known, and what waits for that. Looks for as many earlier
   * jobs as there is work to do.
   */
  RunPlan plan();

  /** A job, running or ended. */
  Optional<JobSummary> findJob(JobId id);

  /** Jobs, in the order that the query asks for. */
  List<JobSummary> listJobs(JobQuery query);

  /**
   * The newest job of one thing, running or ended.
   *
   * @param operation the id of the operation
   * @param key its digest of the key, as in {@link JobSummary}
   */
  Optional<JobSummary> findNewestJob(String operation, String key);

  /** How many jobs a query finds in all, its offset and limit left aside. */
  int countJobs(JobQuery query);

  /**
   * How many jobs a query finds in each state, where there are any; the states that it asks for,
   * its offset and its limit left aside.
   */
  Map<StageState, Integer> countJobsByState(JobQuery query);

  /** The builds of the same key as this job, newest first, the one in progress included. */
  List<JobSummary> listHistory(JobId id, int limit);

  /** The operations that have ever run, sorted. */
  List<String> listOperations();

  /**
   * Why a job was run; empty for one that is not known, or is from before reasons were recorded.
   * Follow the jobs among its causes to see the whole chain of changes.
   */
  Optional<JobReason> findReason(JobId id);

  /** A job's log. */
  Optional<JobLog> findLog(JobId id);

  /** Asks a running or waiting job to stop. */
  ActionResult cancel(JobId id, String who);

  /** Runs the thing of this job again; the result carries the new job's id. */
  ActionResult rebuild(JobId id, String who);

  /** Lets a job that waits for approval start. */
  ActionResult approve(JobId id, String who);

  /** The level at and above which jobs wait for approval; empty if none does. */
  Optional<Level> confirmThreshold();

  /** Sets the threshold; empty for none. */
  void setConfirmThreshold(Optional<Level> level, String who);

  /** What tells from the logs of failed jobs why they failed. */
  LogRules logRules();

  /** Who is signed in to the operator's interface. */
  SignIns signIns();

  /** What people have done to this engine, and tried to do, the newest first. */
  List<ActionRecord> listActions(int limit);

  /** Whether the engine does its work; a reason if it does not. Cheap. */
  Health health();

  /**
   * One published state.
   *
   * @param result what the whole pipeline says
   * @param message why it failed or what it waits for
   * @param counts every stage, folded groups counted through
   * @param settled whether nothing runs, waits or is about to
   */
  record Overview(
      long round,
      StageState result,
      Optional<String> message,
      StageCounts counts,
      boolean settled) {}

  /** What became of a request. */
  sealed interface ActionResult {
    /**
     * It was accepted, and the next engine on the state directory will know of it, however this one
     * ends, unless the disk is full; {@code job} is the job to look at now.
     */
    record Accepted(JobId job) implements ActionResult {}

    /** It cannot be done; {@code reason} says why, for people. */
    record Refused(String reason) implements ActionResult {}
  }

  /** Whether an engine does its work. */
  sealed interface Health {
    /** It does. */
    record Good() implements Health {}

    /**
     * It does what it can, and all of it by itself once somebody has mended what {@code reason}
     * names: the disk of the state directory is full.
     *
     * <p>Meanwhile jobs that run go on, their logs with gaps that say so; nothing new runs, no
     * outcome is shown that could not be recorded, and all goes on within seconds once there is
     * room.
     */
    record Impaired(String reason) implements Health {}

    /**
     * It does not, and will not until it is started again: the evaluation is stuck or has died. A
     * disk that fails otherwise than by being full ends it too: whatever was shown is on the disk,
     * and what was not is done again by the next engine.
     */
    record Bad(String reason) implements Health {}
  }
}
