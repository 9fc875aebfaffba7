package dev.millrace.engine.web.spi;

import java.util.Locale;

/** What a visitor may be allowed to do. No role includes another. */
public enum Role {
  /** See the pages. */
  VIEWER,
  /** Rebuild and cancel jobs. */
  BUILDER,
  /** Read the metrics. */
  MONITOR,
  /** Approve jobs, set the level from which jobs need approval, change log rules. */
  ADMIN;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
