package dev.millrace.engine.core;

import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;

/**
 * Which jobs to list, and in which order.
 *
 * @param text words that the description, operation or message must contain, in any case; blank for
 *     all
 * @param states the states wanted; empty for all
 * @param operation only jobs of this operation
 * @param created only jobs made in this time
 * @param outdated whether only jobs whose result is not to be used any more (true) or may be
 *     (false)
 * @param order which come first
 * @param offset how many to pass over, from 0
 * @param limit how many to return at most, 1 to 1000
 */
public record JobQuery(
    String text,
    Set<StageState> states,
    Optional<String> operation,
    Period created,
    Optional<Boolean> outdated,
    Order order,
    int offset,
    int limit) {
  /**
   * A time from a moment on until before another.
   *
   * @param from the first moment in it; empty if it has no beginning
   * @param to the first moment after it; empty if it has no end
   */
  public record Period(Optional<Instant> from, Optional<Instant> to) {
    /** All time. */
    public static final Period ALL = new Period(Optional.empty(), Optional.empty());

    /** Whether a moment is in it. */
    public boolean contains(Instant when) {
      return from.filter(when::isBefore).isEmpty()
          && to.filter(end -> !when.isBefore(end)).isEmpty();
    }
  }

  /** What jobs are ordered by; among equals the newer one comes first. */
  public enum Order {
    /** By creation, newest first. */
    NEWEST,
    /** By creation, oldest first. */
    OLDEST,
    /** By description, by the characters' codes. */
    DESCRIPTION,
    /** By description, backwards. */
    DESCRIPTION_BACKWARDS,
    /** By the operation's id. */
    OPERATION,
    /** By the operation's id, backwards. */
    OPERATION_BACKWARDS,
    /** By the number of the build of its key, the first ones first. */
    BUILD,
    /** By the number of the build of its key, the most often built first. */
    BUILD_BACKWARDS
  }

  private static final Comparator<JobSummary> NEWEST_FIRST =
      Comparator.comparing(JobSummary::created).thenComparing(JobSummary::id).reversed();

  /** Checks and copies. */
  public JobQuery {
    states = Set.copyOf(states);
    if (offset < 0 || limit < 1 || limit > 1000) {
      throw new IllegalArgumentException(
          "offset must be at least 0 and limit 1 to 1000, were %d and %d".formatted(offset, limit));
    }
  }

  /** Whether their results still count or not. */
  public JobQuery(
      String text,
      Set<StageState> states,
      Optional<String> operation,
      Period created,
      Order order,
      int offset,
      int limit) {
    this(text, states, operation, created, Optional.empty(), order, offset, limit);
  }

  /** Of all times. */
  public JobQuery(
      String text,
      Set<StageState> states,
      Optional<String> operation,
      Order order,
      int offset,
      int limit) {
    this(text, states, operation, Period.ALL, Optional.empty(), order, offset, limit);
  }

  /** Of all times, newest first. */
  public JobQuery(
      String text, Set<StageState> states, Optional<String> operation, int offset, int limit) {
    this(text, states, operation, Order.NEWEST, offset, limit);
  }

  /** The newest jobs of all kinds. */
  public static JobQuery newest(int limit) {
    return new JobQuery("", Set.of(), Optional.empty(), 0, limit);
  }

  /** The same for jobs in these states; none for all. */
  public JobQuery withStates(Set<StageState> wanted) {
    return new JobQuery(text, wanted, operation, created, outdated, order, offset, limit);
  }

  /** The same for jobs made in a time. */
  public JobQuery withCreated(Period wanted) {
    return new JobQuery(text, states, operation, wanted, outdated, order, offset, limit);
  }

  /** The same for jobs whose result is not to be used any more, or may be. */
  public JobQuery withOutdated(boolean wanted) {
    return new JobQuery(
        text, states, operation, created, Optional.of(wanted), order, offset, limit);
  }

  /** The order, as one of jobs. */
  public Comparator<JobSummary> comparator() {
    return switch (order) {
      case NEWEST -> NEWEST_FIRST;
      case OLDEST -> NEWEST_FIRST.reversed();
      case DESCRIPTION -> Comparator.comparing(JobSummary::description).thenComparing(NEWEST_FIRST);
      case DESCRIPTION_BACKWARDS ->
          Comparator.comparing(JobSummary::description).reversed().thenComparing(NEWEST_FIRST);
      case OPERATION -> Comparator.comparing(JobSummary::operation).thenComparing(NEWEST_FIRST);
      case OPERATION_BACKWARDS ->
          Comparator.comparing(JobSummary::operation).reversed().thenComparing(NEWEST_FIRST);
      case BUILD -> Comparator.comparingLong(JobSummary::build).thenComparing(NEWEST_FIRST);
      case BUILD_BACKWARDS ->
          Comparator.comparingLong(JobSummary::build).reversed().thenComparing(NEWEST_FIRST);
    };
  }
}
