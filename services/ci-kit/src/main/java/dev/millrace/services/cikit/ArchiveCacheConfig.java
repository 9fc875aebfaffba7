package dev.millrace.services.cikit;

import java.time.Duration;
import java.util.List;

/**
 * How archives are had. Immutable.
 *
 * @param mirrors directories, or http and https addresses, in the layout of opam's archive mirrors;
 *     asked first, in order
 * @param bytesMax the largest archive that is taken
 * @param timeMax how long one download may take
 * @param silenceMax how long a server may stay silent
 * @param parallelMax how many are downloaded at once
 */
public record ArchiveCacheConfig(
    List<String> mirrors, long bytesMax, Duration timeMax, Duration silenceMax, int parallelMax) {
  /** No mirrors; archives of up to 512 MiB in 10 minutes, 30 seconds of silence, 8 at once. */
  public static final ArchiveCacheConfig DEFAULT =
      new ArchiveCacheConfig(
          List.of(), 512L << 20, Duration.ofMinutes(10), Duration.ofSeconds(30), 8);

  /** Checks and copies. */
  public ArchiveCacheConfig {
    mirrors = List.copyOf(mirrors);
    if (bytesMax < 1 || timeMax.isNegative() || silenceMax.isNegative() || parallelMax < 1) {
      throw new IllegalArgumentException("limits must be positive");
    }
  }

  /** The same with other mirrors. */
  public ArchiveCacheConfig withMirrors(List<String> newMirrors) {
    return new ArchiveCacheConfig(newMirrors, bytesMax, timeMax, silenceMax, parallelMax);
  }

  /** The same with another limit on sizes. */
  public ArchiveCacheConfig withBytesMax(long newBytesMax) {
    return new ArchiveCacheConfig(mirrors, newBytesMax, timeMax, silenceMax, parallelMax);
  }
}
