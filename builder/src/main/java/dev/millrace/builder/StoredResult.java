package dev.millrace.builder;

import java.time.Instant;
import java.util.Optional;

/**
 * What is known of a snapshot.
 *
 * @param id which one
 * @param created when it was made
 * @param used when a build last needed it
 * @param base what it stands on; empty for an imported base
 */
public record StoredResult(
    SnapshotId id, Instant created, Instant used, Optional<SnapshotId> base) {}
