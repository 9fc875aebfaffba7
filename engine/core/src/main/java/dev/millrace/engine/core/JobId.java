package dev.millrace.engine.core;

import java.util.regex.Pattern;

/**
 * Names one logged execution: {@code YYYY-MM-DD/HHMMSS-label-xxxxxx}, which is also the path of its
 * log below the job directory.
 *
 * @param value the text, already checked to be safe as a path
 */
public record JobId(String value) implements Comparable<JobId> {
  private static final Pattern FORM =
      Pattern.compile("\\d{4}-\\d{2}-\\d{2}/[0-9]{6}-[A-Za-z0-9_+-]{1,80}-[0-9a-f]{6}");

  /** Checks the form. */
  public JobId {
    if (!isOne(value)) {
      throw new IllegalArgumentException(
          "Cannot read job id \"%s\": expected YYYY-MM-DD/HHMMSS-label-xxxxxx".formatted(value));
    }
  }

  /** Whether a text has the form of an id. */
  static boolean isOne(String text) {
    return FORM.matcher(text).matches();
  }

  /** Reads an id from untrusted text. */
  public static JobId parse(String text) {
    return new JobId(text);
  }

  @Override
  public int compareTo(JobId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
