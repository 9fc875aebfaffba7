package dev.millrace.base;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;

/** Tells a disk without room, which somebody can mend, from one that is broken. */
public final class FullDisk {
  private FullDisk() {}

  /** Whether something failed for want of room, or of quota. */
  public static boolean isCauseOf(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage()).toUpperCase(Locale.ROOT);
      boolean full =
          switch (cause) {
            // Neither the driver nor the JDK has a type or a number for it.
            case SQLException _ ->
                message.contains("SQLITE_FULL") || message.contains("SQLITE_IOERR_SHMSIZE");
            case IOException _ ->
                message.contains("NO SPACE LEFT ON DEVICE")
                    || message.contains("DISK QUOTA EXCEEDED");
            default -> false;
          };
      if (full) {
        return true;
      }
    }
    return false;
  }

  /** What people are told while what needs the room waits for it. */
  public static String message(Path directory) {
    return "The disk of the state directory \"%s\" is full: make room, and it goes on"
        .formatted(directory);
  }
}
