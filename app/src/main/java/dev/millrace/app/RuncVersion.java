package dev.millrace.app;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What runc's version tells about its known escapes. */
final class RuncVersion {
  private static final Pattern FORM =
      Pattern.compile("(\\d{1,9})\\.(\\d{1,9})\\.(\\d{1,9})(-rc\\.?(\\d{1,9}))?(?:\\D.*)?");
  private static final int RELEASED = Integer.MAX_VALUE;

  private RuncVersion() {}

  /**
   * Whether a version (such as {@code 1.1.5+ds1} or {@code 1.4.0-rc.3}) is one that its authors
   * mended after the three escapes of November 2025: 1.2.8, 1.3.3, 1.4.0-rc.3 and later. A version
   * that cannot be read is not.
   */
  static boolean isMended(String version) {
    Matcher matcher = FORM.matcher(version);
    if (!matcher.matches()) {
      return false;
    }
    long major = Long.parseLong(matcher.group(1));
    long minor = Long.parseLong(matcher.group(2));
    long patch = Long.parseLong(matcher.group(3));
    long candidate = matcher.group(5) == null ? RELEASED : Long.parseLong(matcher.group(5));
    if (major != 1) {
      return major > 1;
    }
    if (minor == 2) {
      return patch >= 8;
    }
    if (minor == 3) {
      return patch >= 3;
    }
    if (minor == 4 && patch == 0) {
      return candidate >= 3;
    }
    return minor >= 4;
  }
}
