package dev.millrace.engine.core;

import java.io.IOException;

/**
 * What was written could not be had on the disk. Trying again would not tell: the kernel may have
 * dropped the bytes, and take the next attempt, which has nothing to do, as a success.
 */
final class UnsyncedException extends IOException {
  UnsyncedException(IOException cause) {
    super(cause.getMessage(), cause);
  }
}
