package dev.millrace.ocaml;

/** The operating system of a platform, told from its distribution's name as labels have it. */
public enum OperatingSystem {
  /** Any Linux distribution. */
  LINUX,
  /** macOS with Homebrew. */
  MACOS,
  /** FreeBSD. */
  FREEBSD,
  /** OpenBSD. */
  OPENBSD,
  /** Windows with mingw or MSVC. */
  WINDOWS;

  /** The system that this distribution name belongs to; whatever is not known is Linux. */
  public static OperatingSystem ofDistribution(String name) {
    if (name.startsWith("macos")) {
      return MACOS;
    }
    if (name.startsWith("freebsd")) {
      return FREEBSD;
    }
    if (name.startsWith("openbsd")) {
      return OPENBSD;
    }
    return name.startsWith("windows") ? WINDOWS : LINUX;
  }
}
