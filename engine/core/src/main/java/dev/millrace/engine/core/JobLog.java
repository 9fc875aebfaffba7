package dev.millrace.engine.core;

import java.io.IOException;
import java.time.Duration;

/**
 * A job's log as bytes, readable while it grows. Thread-safe; any number of readers, none of which
 * slows the job.
 *
 * <p>The bytes are what the job printed (any encoding, with terminal control sequences) and
 * Millrace's own lines, which begin with {@code YYYY-MM-DD HH:MM.SS: } in UTC.
 */
public interface JobLog {
  /** How many bytes there are now. */
  long size() throws IOException;

  /**
   * Reads from {@code offset} (0 to {@link #size}), at most {@code lengthMax} bytes; empty when
   * there is nothing after the offset yet.
   */
  byte[] read(long offset, int lengthMax) throws IOException;

  /** Whether no more will be written. */
  boolean isComplete();

  /**
   * Waits until there is something after {@code offset}, the log is complete, or the time is over;
   * returns at once if so already.
   */
  void awaitGrowth(long offset, Duration timeout) throws InterruptedException, IOException;
}
