package dev.millrace.spec;

import java.util.List;

/**
 * A cache or a secret that a step sees.
 *
 * @param id the name of the cache or secret
 * @param target the absolute path where it is seen
 * @param buildkitOptions further options of the mount in a Dockerfile, in order
 */
public record Mounted(String id, String target, List<Option> buildkitOptions) {
  /** An option of a mount in a Dockerfile, such as {@code sharing=private}. */
  public record Option(String key, String value) {}

  /** Copies. */
  public Mounted {
    buildkitOptions = List.copyOf(buildkitOptions);
  }

  /** A cache, seen at {@code target}. */
  public static Mounted cache(String id, String target) {
    return new Mounted(id, target, List.of());
  }

  /** A secret, seen as the file {@code target}. */
  public static Mounted secret(String id, String target) {
    return new Mounted(id, target, List.of());
  }

  /** A secret, seen as {@code /run/secrets/ID}. */
  public static Mounted secret(String id) {
    return secret(id, "/run/secrets/" + id);
  }
}
