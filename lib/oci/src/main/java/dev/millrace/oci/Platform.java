package dev.millrace.oci;

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

  /** Linux on this machine. */
  public static Platform current() {
    String name = System.getProperty("os.arch");
    return linux(name.equals("aarch64") ? "arm64" : name);
  }

  @Override
  public String toString() {
    return os + "/" + architecture + variant.map(v -> "/" + v).orElse("");
  }
}
