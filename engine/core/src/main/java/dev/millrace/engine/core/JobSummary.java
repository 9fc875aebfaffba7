package dev.millrace.engine.core;

import java.time.Instant;
import java.util.Optional;

/**
 * What there is to know of one job, at one moment.
 *
 * @param operation the id of the operation that it runs, such as {@code git-fetch}
 * @param description what it works on, for people
 * @param key the digest that names the thing kept up to date; jobs of one operation and key are
 *     builds of the same thing
 * @param build the number of this build of its key, from 0
 * @param message the failure, the reason of a cancellation or of a skip, what it waits for before
 *     it begins; empty if it passed or runs
 * @param created when it was made
 * @param started when it began to work; empty while it waits, or if it never did
 * @param finished when it ended; empty while it has not
 * @param live whether the pipeline still wants it
 * @param canCancel whether cancelling now has an effect
 * @param canRebuild whether it can be run again now
 * @param canApprove whether it waits for somebody's approval
 * @param advisory whether a failure of it does not count
 */
public record JobSummary(
    JobId id,
    String operation,
    String description,
    String key,
    long build,
    StageState state,
    Optional<String> message,
    Instant created,
    Optional<Instant> started,
    Optional<Instant> finished,
    boolean live,
    boolean canCancel,
    boolean canRebuild,
    boolean canApprove,
    boolean advisory) {}
