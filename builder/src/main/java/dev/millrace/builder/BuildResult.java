package dev.millrace.builder;

/**
 * How a build ended, where a caller must decide what to do next. Failures of the machine are {@link
 * BuilderException}s instead.
 */
public sealed interface BuildResult {
  /** Every step was built or found. */
  record Built(SnapshotId id) implements BuildResult {}

  /** A step failed: its command ended badly, or the specification asks for what cannot be. */
  record Failed(String message) implements BuildResult {}
}
