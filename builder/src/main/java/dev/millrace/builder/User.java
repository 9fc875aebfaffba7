package dev.millrace.builder;

/**
 * An owner as a step sees it, inside its user namespace.
 *
 * @param uid 0 to 65535
 * @param gid 0 to 65535
 */
public record User(int uid, int gid) {
  /** The administrator inside a step, who is nobody outside. */
  public static final User ROOT = new User(0, 0);

  /** Checks the ranges. */
  public User {
    if (uid < 0 || uid > 65535 || gid < 0 || gid > 65535) {
      throw new IllegalArgumentException(
          "uid and gid must be 0 to 65535, were %d and %d".formatted(uid, gid));
    }
  }
}
