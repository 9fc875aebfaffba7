package dev.millrace.builder;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A version of Linux. */
record KernelVersion(int major, int minor) {
  private static final Pattern FORM = Pattern.compile("(\\d+)\\.(\\d+).*", Pattern.DOTALL);

  /** This machine's; 0.0 if it does not say. */
  static KernelVersion current() {
    Matcher matcher = FORM.matcher(System.getProperty("os.version", ""));
    return matcher.matches()
        ? new KernelVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)))
        : new KernelVersion(0, 0);
  }

  boolean isAtLeast(int wantedMajor, int wantedMinor) {
    return major > wantedMajor || (major == wantedMajor && minor >= wantedMinor);
  }
}
