package dev.millrace.engine.web.spi;

import java.util.Optional;

/** Who has which role. Asked by any thread, often: it must answer at once. */
@FunctionalInterface
public interface Access {
  /**
   * Whether a visitor has a role.
   *
   * @param user empty for a visitor who has not signed in
   */
  boolean has(Optional<User> user, Role role);
}
