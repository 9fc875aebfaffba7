package dev.millrace.oci;

import java.lang.management.ManagementFactory;
import java.util.Optional;

/**
 * What an image runs on.
 *
 * @param os {@code linux}
 * @param architecture in Go's words: {@code amd64}, {@code arm64}, {@code arm}
 * @param variant {@code v7}, {@code v8}; empty where it does not matter
 */
public record Platform(String os, String architecture, Optional<String> variant) {
  /** Linux on an architecture in Go's words. */
  public static Platform linux(String architecture) {
    return new Platform("linux", architecture, Optional.empty());
  }

  /** Linux on an architecture in Java's words ({@code os.arch}) or the kernel's ({@code uname}). */
  public static Platform linuxOn(String machine) {
    return linux(
        switch (machine) {
          case "x86_64" -> "amd64";
          case "aarch64" -> "arm64";
          default -> machine;
        });
  }

  /** Linux on this machine. */
  public static Platform current() {
    return linuxOn(ManagementFactory.getOperatingSystemMXBean().getArch());
  }

  @Override
  public String toString() {
    return os + "/" + architecture + variant.map(v -> "/" + v).orElse("");
  }
}
