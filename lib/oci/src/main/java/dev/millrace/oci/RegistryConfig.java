package dev.millrace.oci;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How registries are asked.
 *
 * @param cacheDirectory where blobs are kept, by digest; shared by all registries
 * @param credentials who we are
 * @param plainHttp registries that are asked without TLS, beside those on this machine
 * @param mirror a registry that is asked in Docker Hub's place
 * @param timeout how long a registry may be silent
 * @param attemptsMax how often a failed request is made in all
 */
public record RegistryConfig(
    Path cacheDirectory,
    Credentials credentials,
    List<String> plainHttp,
    Optional<String> mirror,
    Duration timeout,
    int attemptsMax) {
  /** Checks and copies. */
  public RegistryConfig {
    plainHttp = List.copyOf(plainHttp);
    if (attemptsMax < 1) {
      throw new IllegalArgumentException("attemptsMax must be at least 1, was " + attemptsMax);
    }
  }

  /** Nobody, with TLS, no mirror, 30 s of silence, four attempts. */
  public static RegistryConfig in(Path cacheDirectory) {
    return new RegistryConfig(
        cacheDirectory, Credentials.none(), List.of(), Optional.empty(), Duration.ofSeconds(30), 4);
  }

  /** The same as somebody. */
  public RegistryConfig withCredentials(Credentials newCredentials) {
    return new RegistryConfig(
        cacheDirectory, newCredentials, plainHttp, mirror, timeout, attemptsMax);
  }

  /** The same with a mirror of Docker Hub. */
  public RegistryConfig withMirror(String newMirror) {
    return new RegistryConfig(
        cacheDirectory, credentials, plainHttp, Optional.of(newMirror), timeout, attemptsMax);
  }

  boolean isPlain(String registry) {
    String host = registry.replaceFirst(":[0-9]+$", "");
    return plainHttp.contains(registry) || host.equals("localhost") || host.equals("127.0.0.1");
  }
}
